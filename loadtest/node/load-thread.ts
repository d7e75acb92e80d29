// Over 300 lines: the commands of this thread share its phones, boards and counters, and one message port.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { workerData } from 'node:worker_threads'
import type { CheckIn, CheckInAnswers } from '@patrol/contract'
import { batchSize, levels, type Level } from '../lib/levels.ts'
import { signBeacon } from '../lib/sign-qr.ts'
import { now, type Boards } from './boards.ts'
import { openCheckInDoor, type CheckInDoor } from './check-in-door.ts'
import { makeCheckIn } from './make-check-in.ts'
import { round } from './percentiles.ts'
import { makePhone, type Phone } from './phone.ts'
import type { BenchUnit } from './seed-city.ts'
import { makeTelemetryDevice, type TelemetryDevice } from './telemetry-device.ts'
import { answerCommands } from './thread.ts'

/** The phones of a run, in a thread of their own. */
export interface LoadData {
  run: number
  origins: string[]
  units: BenchUnit[]
  boards: Boards
  /** Base64. */
  serverKey: string
}

export type SteadyPlan = Pick<
  Level,
  'singlesPerSecond' | 'batchedPerSecond' | 'everySeconds' | 'breadcrumbsPerBatch' | 'seconds'
>

export interface LoadReport {
  /** Check-ins made so far; their numbers are 0 to here. */
  sent: number
  /** Sendings that were not answered, or with a refusal; each was tried again. */
  refused: number
  /** Of the acknowledged: how often each verdict, and each reason, was given. */
  answers: Record<string, number>
  /** The first failures, in words. */
  faults: string[]
  breadcrumbsSent: number
  breadcrumbsAcknowledged: number
  breadcrumbsStored: number
  breadcrumbsOffDuty: number
  breadcrumbAckMs: Float64Array
  loopDelayP99: number
}

const { run, origins, units, boards, serverKey }: LoadData = workerData
const loop = monitorEventLoopDelay({ resolution: 10 })
// Every phone has a connection of its own: none waits for another's answer.
const doors = origins.map((origin) => openCheckInDoor(origin, 1_000))
const devices: TelemetryDevice[] = []
let phones: Phone[] = []
let sent = 0
let stopping = false
const report: LoadReport = {
  sent: 0,
  refused: 0,
  answers: {},
  faults: [],
  breadcrumbsSent: 0,
  breadcrumbsAcknowledged: 0,
  breadcrumbsStored: 0,
  breadcrumbsOffDuty: 0,
  breadcrumbAckMs: new Float64Array(0),
  loopDelayP99: 0,
}
const breadcrumbAcks: number[] = []

export const commands = {
  /** Opens the telemetry sockets of the first `count` units, `perSecond` at a time. */
  async connectDevices({ count, perSecond }: { count: number; perSecond: number }): Promise<void> {
    const open: Promise<void>[] = []
    for (const [nr, unit] of units.slice(0, count).entries()) {
      const device = makeDevice(nr, unit)
      devices.push(device)
      open.push(device.connect())
      await sleep(1_000 / perSecond)
    }
    await Promise.all(open)
  },
  /** Open loop: what is due is sent whether or not the last was answered, so that a slow server cannot slow the load. */
  async steady(plan: SteadyPlan): Promise<void> {
    loop.enable()
    const started = now()
    const stopDevices = streamBreadcrumbs(plan)
    const open = new Set<Promise<void>>()
    const fire = (count: number) => {
      const sending = sendFresh(count).finally(() => open.delete(sending))
      open.add(sending)
    }
    const batchesPerSecond = plan.batchedPerSecond / batchSize
    let singles = 0
    let batches = 0
    for (;;) {
      const seconds = Math.min(plan.seconds, (now() - started) / 1_000)
      for (; singles < Math.floor(seconds * plan.singlesPerSecond); singles++) fire(1)
      for (; batches < Math.floor(seconds * batchesPerSecond); batches++) fire(batchSize)
      if (seconds >= plan.seconds) break
      await sleep(5)
    }
    stopDevices()
    await Promise.all(open)
    await devicesEmpty()
    loop.disable()
  },
  /** Phones with an outbox each: a check-in is made `perSecond`, and sent again until it is `stored`. */
  async phones({ count, perSecond }: { count: number; perSecond: number }): Promise<void> {
    phones = units.map((unit, nr) =>
      makePhone(doorOf(nr), unit, {
        sending: (number) => mark(boards.sentAt, number),
        stored: (number, answer) => note(number, answer),
        failed: (error) => {
          report.refused++
          fault(error)
        },
      }),
    )
    const stopDevices = streamBreadcrumbs(levels.L1)
    const started = now()
    for (let made = 0; made < count && !stopping;) {
      const due = Math.min(count, Math.floor(((now() - started) / 1_000) * perSecond))
      for (; made < due; made++) {
        const unit = units[made % units.length]
        if (unit === undefined) break
        const number = take(unit)
        phones[made % units.length]?.add(number, makeCheckIn(unit, number, run, Date.now()))
      }
      await sleep(5)
    }
    while (phones.some((phone) => phone.queued() > 0) && !stopping) await sleep(10)
    stopDevices()
    await devicesEmpty()
  },
  /** Everybody's outbox of an outage at once: check-ins in one request, breadcrumbs in batches of 120. */
  async herd(plan: {
    devices: number
    checkInsPerDevice: number
    breadcrumbsPerDevice: number
    outageMinutes: number
    withinMs: number
  }): Promise<{ checkInsSeconds: number; breadcrumbsSeconds: number; connectedSeconds: number }> {
    const backAt = Date.now()
    const awaySince = backAt - plan.outageMinutes * 60_000
    const beacon = { at: awaySince, token: signBeacon(awaySince, Buffer.from(serverKey, 'base64')) }
    const started = now()
    const uploads: Promise<void>[] = []
    const opens: Promise<void>[] = []
    for (const [nr, unit] of units.slice(0, plan.devices).entries()) {
      const checkIns = Array.from({ length: plan.checkInsPerDevice }, (_, i) =>
        makeCheckIn(unit, take(unit), run, awaySince + ((i + 1) * (backAt - awaySince)) / 6, beacon),
      )
      uploads.push(sendUntilStored(nr, unit, checkIns))
      const device = makeDevice(nr, unit)
      devices.push(device)
      const everyMs = Math.floor((backAt - awaySince) / plan.breadcrumbsPerDevice)
      for (let from = 0; from < plan.breadcrumbsPerDevice; from += 120) {
        const count = Math.min(120, plan.breadcrumbsPerDevice - from)
        report.breadcrumbsSent += count
        device.add({ fromMs: awaySince + from * everyMs, everyMs, count })
      }
      opens.push(device.connect())
      const ahead = ((nr + 1) / plan.devices) * plan.withinMs - (now() - started)
      if (ahead > 1) await sleep(ahead)
    }
    const seconds = () => (now() - started) / 1_000
    const [connectedSeconds, checkInsSeconds, breadcrumbsSeconds] = await Promise.all([
      Promise.all(opens).then(seconds),
      Promise.all(uploads).then(seconds),
      devicesEmpty(600_000).then(seconds),
    ])
    return { checkInsSeconds, breadcrumbsSeconds, connectedSeconds }
  },
  /** All sign-ins of the given days, oldest first, in batches over several connections. */
  async history({ days, connections }: { days: { day: string; count: number }[]; connections: number }) {
    const batches = batchesOf(days)
    const door = doorOf(0)
    const work = async () => {
      for (const batch of batches) {
        const unit = units[Math.floor(sent / batchSize) % units.length]
        if (unit === undefined) return
        const checkIns = batch.map((at) => makeCheckIn(unit, take(unit), run, at))
        for (const checkIn of checkIns) mark(boards.sentAt, numberOf(checkIn))
        await sendUntilAnswered(door, unit, checkIns)
      }
    }
    await Promise.all(Array.from({ length: connections }, work))
  },
  /** Sends `count` check-ins in batches and waits for the answers. */
  async burst({ count }: { count: number }): Promise<void> {
    for (let left = count; left > 0; left -= batchSize) await sendFresh(Math.min(left, batchSize))
  },
  report(): LoadReport {
    return {
      ...report,
      sent,
      breadcrumbAckMs: Float64Array.from(breadcrumbAcks),
      loopDelayP99: round(loop.percentile(99) / 1e6),
    }
  },
  async close(): Promise<void> {
    stopping = true
    for (const device of devices) device.close()
    await Promise.all(doors.map((door) => door.close()))
  },
}

function doorOf(nr: number): CheckInDoor {
  const door = doors[nr % doors.length]
  if (door === undefined) throw new Error('A load without a gateway.')
  return door
}

/** The number of the next check-in, noted for the precinct of its unit. */
function take(unit: BenchUnit): number {
  if (sent >= boards.checkIns) throw new Error('More check-ins than the boards have room for.')
  boards.precinct[sent] = unit.precinct
  return sent++
}

/** Check-ins of one unit made just now, in one request. */
async function sendFresh(count: number): Promise<void> {
  const nr = Math.floor(sent / (count === 1 ? 1 : batchSize)) % units.length
  const unit = units[nr]
  if (unit === undefined) return
  const checkIns = Array.from({ length: count }, () => makeCheckIn(unit, take(unit), run, Date.now()))
  await sendUntilStored(nr, unit, checkIns)
}

async function sendUntilStored(nr: number, unit: BenchUnit, checkIns: CheckIn[]): Promise<void> {
  for (const checkIn of checkIns) mark(boards.sentAt, numberOf(checkIn))
  await sendUntilAnswered(doorOf(nr), unit, checkIns)
}

async function sendUntilAnswered(door: CheckInDoor, unit: BenchUnit, checkIns: CheckIn[]): Promise<void> {
  while (!stopping) {
    try {
      for (const answer of await door.send(unit.cookie, checkIns)) noteAnswer(answer)
      return
    } catch (error) {
      // As a phone does: it keeps the item and tries again soon.
      report.refused += checkIns.length
      fault(error)
      await sleep(250 + 250 * Math.random())
    }
  }
}

function noteAnswer(answer: CheckInAnswers['results'][number]) {
  note(answer.id === null ? -1 : parseInt(answer.id.slice(28), 16), answer)
}

function note(number: number, answer: CheckInAnswers['results'][number]) {
  const words =
    'stored' in answer ? [answer.verdict, ...answer.reasons.map(({ code }) => code)] : ['quarantined']
  for (const word of words) report.answers[word] = (report.answers[word] ?? 0) + 1
  if ('stored' in answer) mark(boards.ackedAt, number)
}

/** Notes the first time only: a repeat is not a new sending. */
function mark(board: Float64Array, number: number) {
  if (Number.isNaN(board[number] ?? 0)) board[number] = now()
}

const numberOf = (checkIn: CheckIn) => parseInt(checkIn.id.slice(28), 16)

function fault(error: unknown) {
  if (report.faults.length < 5) report.faults.push(error instanceof Error ? error.message : String(error))
}

function makeDevice(nr: number, unit: BenchUnit): TelemetryDevice {
  return makeTelemetryDevice(origins[nr % origins.length] ?? '', unit, {
    acknowledged(breadcrumbs, stored, offDuty, ms) {
      report.breadcrumbsAcknowledged += breadcrumbs
      report.breadcrumbsStored += stored
      report.breadcrumbsOffDuty += offDuty
      breadcrumbAcks.push(ms)
    },
    refused: (message) => fault(new Error(message)),
  })
}

/** Each device sends its last seconds when they are over, one after the other. Returns how to stop. */
function streamBreadcrumbs({
  everySeconds,
  breadcrumbsPerBatch,
}: Pick<Level, 'everySeconds' | 'breadcrumbsPerBatch'>): () => void {
  const everyMs = (everySeconds * 1_000) / breadcrumbsPerBatch
  const started = now()
  const startedAt = Date.now()
  const rounds = devices.map(() => 0)
  const timer = setInterval(() => {
    const elapsed = now() - started
    devices.forEach((device, nr) => {
      const offset = (nr / devices.length) * everySeconds * 1_000
      const round = rounds[nr] ?? 0
      if (elapsed < offset + round * everySeconds * 1_000) return
      rounds[nr] = round + 1
      report.breadcrumbsSent += breadcrumbsPerBatch
      const fromMs = Math.floor(startedAt + offset) + (round - 1) * everySeconds * 1_000
      device.add({ fromMs, everyMs, count: breadcrumbsPerBatch })
    })
  }, 10)
  return () => clearInterval(timer)
}

async function devicesEmpty(withinMs = 60_000): Promise<void> {
  const deadline = now() + withinMs
  while (devices.some((device) => device.queued() > 0)) {
    if (stopping || now() > deadline) return
    await sleep(20)
  }
}

/** Times of sign-ins between 06:00 and 24:00 of each day, as epoch ms, 50 at a time. */
function* batchesOf(days: { day: string; count: number }[]): Generator<number[]> {
  let batch: number[] = []
  for (const { day, count } of days) {
    const from = Date.parse(`${day}T06:00:00+08:00`)
    for (let i = 0; i < count; i++) {
      batch.push(from + Math.floor((i / count) * 64_000_000))
      if (batch.length === batchSize) {
        yield batch
        batch = []
      }
    }
  }
  if (batch.length > 0) yield batch
}

answerCommands(commands)
