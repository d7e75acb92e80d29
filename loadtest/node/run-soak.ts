import { loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Level } from '../lib/levels.ts'
import { openBench } from './bench-city.ts'
import { makeBoards } from './boards.ts'
import { judgeThresholds } from './judge-thresholds.ts'
import { openGlass, type Glass } from './open-glass.ts'
import { percentiles, round } from './percentiles.ts'
import { readGauge } from './read-gauge.ts'
import { seedTracks } from './seed-tracks.ts'
import { slopeOf } from './slope.ts'
import { startThreads } from './start-threads.ts'
import { waitForScreens } from './wait-for-screens.ts'

interface Sample {
  /** Hours since the load began. */
  hours: number
  heapMB: number
  serverMB: number
  /** Open on the page, and socket.io connections at the server. */
  pageSockets: number
  serverSockets: number
  nodes: number
  listeners: number
  p99: number | null
}

/** Heap in MB per hour; p99 of the last minutes against that of the first; sockets more or fewer than at the start. */
const limits = { heapSlopeMBPerHour: 2, p99Ratio: 1.2, socketsChanged: 0, socketsReopened: 0, behind: 0 }
const megabyte = 1_048_576

/** A wall in a browser at one level of load, for as long as is asked, and what grew meanwhile. */
export async function runSoak(
  level: Level,
  options: {
    minutes: number
    screens: number
    say(line: string): void
    machine: { cores: number; model: string }
  },
) {
  const { minutes, screens, say } = options
  const seconds = Math.ceil(minutes * 60)
  const warmUpMinutes = Math.min(10, minutes / 6)
  const everyMs = minutes >= 30 ? 60_000 : 15_000
  const consoles = Math.max(0, screens - 3)
  const bench = await openBench({
    plan: { ...level, walls: screens - consoles + 1, consoles, churn: false },
    roles: ['gateway,relay,worker'],
    say,
  })
  let glass: Glass | null = null
  try {
    const { city, database, origins } = bench
    const [own, ...walls] = city.walls
    const [origin] = origins
    if (own === undefined || origin === undefined) throw new Error('A soak without a wall.')
    const parsing = [...walls, ...city.consoles]
    const boards = makeBoards({
      checkIns: Math.ceil(level.singlesPerSecond * seconds) + 100,
      screens: parsing.length,
      parsed: parsing.length,
      timed: false,
    })
    const threads = startThreads(bench, boards, parsing)
    try {
      await seedTracks(database, city.units)
      await threads.screens.ask('open', undefined)
      await threads.load.ask('connectDevices', { count: level.units, perSecond: 100 })
      const wall = await openGlass({ origin, cookie: own.cookie, path: '/wall', gl: 'none' })
      glass = wall
      say(`The wall is live, beside ${parsing.length} other screens; ${round(minutes)} minutes of load.`)

      const started = performance.now()
      const loadBefore = round(loadavg()[0] ?? 0)
      const cpuBefore = await readGauge(origin, 'process_cpu_seconds_total')
      const samples: Sample[] = []
      let isOver = false
      const load = threads.load.ask('steady', { ...level, seconds }).finally(() => (isOver = true))
      load.catch(() => undefined) // awaited below; where something else fails first, that is the error to tell
      for (let nr = 1; ; nr++) {
        await Promise.race([sleep(Math.max(0, started + nr * everyMs - performance.now())), load])
        if (isOver) break
        const sample = await takeSample(wall, origin, (performance.now() - started) / 3_600_000)
        samples.push(sample)
        say(describe(sample))
      }
      await load
      const cpu = (await readGauge(origin, 'process_cpu_seconds_total')) - cpuBefore
      const behind = await waitForScreens(database, boards, parsing, city.precinctIds)
      const { rows } = await database.query<{ pos: number }>('select pos::float8 as pos from event_head')
      const isWallBehind = (await wall.lastPos()) < (rows[0]?.pos ?? 0)
      const report = await threads.load.ask('report', undefined)

      const settled = samples.filter((sample) => sample.hours * 60 >= warmUpMinutes)
      const edge = Math.max(3, Math.min(10, Math.floor(settled.length / 3)))
      const first = typicalP99(settled.slice(0, edge))
      const last = typicalP99(settled.slice(-edge))
      const sockets = settled.map((sample) => sample.pageSockets + sample.serverSockets)
      const figures = {
        heapSlopeMBPerHour: roundOr(
          slopeOf(settled.map(({ hours, heapMB }) => ({ x: hours, value: heapMB }))),
        ),
        p99First: first,
        p99Last: last,
        p99Ratio: first === null || last === null ? null : round(last / first, 2),
        socketsChanged: Math.max(0, ...sockets) - Math.min(...(sockets.length > 0 ? sockets : [0])),
        socketsReopened: wall.socketsOpened() - 1,
        behind: behind + (isWallBehind ? 1 : 0),
      }
      const thresholds = judgeThresholds(figures, limits)
      return {
        bench: 'soak',
        minutes: round(minutes),
        warmUpMinutes: round(warmUpMinutes),
        ...figures,
        heapMBFirst: settled[0]?.heapMB ?? null,
        heapMBLast: settled.at(-1)?.heapMB ?? null,
        serverSlopeMBPerHour: roundOr(
          slopeOf(settled.map(({ hours, serverMB }) => ({ x: hours, value: serverMB }))),
        ),
        domNodes: [settled[0]?.nodes ?? null, settled.at(-1)?.nodes ?? null],
        listeners: [settled[0]?.listeners ?? null, settled.at(-1)?.listeners ?? null],
        pageSockets: settled.at(-1)?.pageSockets ?? null,
        serverSockets: settled.at(-1)?.serverSockets ?? null,
        checkIns: report.sent,
        breadcrumbs: report.breadcrumbsAcknowledged,
        otherScreens: parsing.length,
        pageFaults: wall.faults,
        faults: report.faults,
        pass: thresholds.every(({ pass }) => pass) && wall.faults.length === 0,
        thresholds,
        samples: samples.length,
        gatewayCpuShare: round(cpu / seconds, 2),
        cpu: {
          ...options.machine,
          loadAverageBefore: loadBefore,
          note: 'Database, Redis, server, generator, screens and the browser share these cores.',
        },
      }
    } finally {
      await glass?.close()
      await threads.stop()
    }
  } finally {
    await bench.stop()
  }
}

async function takeSample(wall: Glass, origin: string, hours: number): Promise<Sample> {
  // Before the garbage is collected, which takes a moment of its own.
  const { p99 } = await wall.latency()
  const heap = await wall.heapBytes()
  const counts = await wall.counts()
  return {
    hours,
    heapMB: round(heap / megabyte, 2),
    serverMB: round((await readGauge(origin, 'process_resident_memory_bytes')) / megabyte),
    pageSockets: wall.sockets(),
    serverSockets: await readGauge(origin, 'patrol_sockets'),
    nodes: counts['Nodes'] ?? 0,
    listeners: counts['JSEventListeners'] ?? 0,
    p99: p99 === null ? null : round(p99),
  }
}

/** The median of the minutes' p99: one minute in which the machine did something else says nothing of a leak. */
function typicalP99(samples: readonly Sample[]): number | null {
  return percentiles(samples.map(({ p99 }) => p99 ?? NaN)).p50
}

const roundOr = (value: number | null) => (value === null ? null : round(value, 2))

function describe({ hours, heapMB, serverMB, pageSockets, serverSockets, nodes, p99 }: Sample): string {
  return `${round(hours * 60)} min: heap ${heapMB} MB, ${nodes} nodes, p99 ${p99 ?? '—'} ms; server ${serverMB} MB; sockets ${pageSockets}/${serverSockets}`
}
