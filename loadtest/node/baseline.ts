import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import pg from 'pg'
import { WebSocket } from 'ws'
import { now } from './boards.ts'
import type { BroadcastCommands, BroadcastData } from './broadcast-thread.ts'
import { copyIn, copyOut } from './copy-rows.ts'
import { percentiles, round } from './percentiles.ts'
import { startThread } from './thread.ts'

/** What the bare parts do on this machine at this hour, so that a figure can be read on any other as a ratio. */
export interface Baseline {
  /** A bare `ws` server that sends as many bytes as often to as many sockets, in another thread: milliseconds. */
  wsBroadcastP50: number | null
  wsBroadcastP95: number | null
  wsBroadcastP99: number | null
  /** COPY of the run's check-ins and breadcrumbs into tables without an index. */
  copyRowsPerSecond: number
  /** PUBLISH of a frame's bytes, pipelined, with one subscriber. */
  publishPerSecond: number
}

export async function measureBaseline({
  databaseUrl,
  redisUrl,
  broadcast,
}: {
  databaseUrl: string
  redisUrl: string
  broadcast: { walls: number; wallBytes: number; consoles: number; consoleBytes: number; perSecond: number }
}): Promise<Baseline> {
  const latency = await measureBroadcast(broadcast)
  return {
    wsBroadcastP50: latency.p50,
    wsBroadcastP95: latency.p95,
    wsBroadcastP99: latency.p99,
    copyRowsPerSecond: await measureCopy(databaseUrl),
    publishPerSecond: await measurePublish(redisUrl, Math.max(200, broadcast.wallBytes)),
  }
}

/** Sockets that read the sending time at the head of each message. */
async function measureBroadcast(plan: {
  walls: number
  wallBytes: number
  consoles: number
  consoleBytes: number
  perSecond: number
}) {
  const data: BroadcastData = plan
  const thread = startThread<BroadcastCommands>(new URL('broadcast-thread.ts', import.meta.url), data)
  const port = await thread.ask('listen', undefined)
  const delays: number[] = []
  const sockets: WebSocket[] = []
  for (let nr = 0; nr < plan.walls + plan.consoles; nr++) {
    const kind = nr < plan.walls ? 'wall' : 'console'
    const socket = new WebSocket(`ws://127.0.0.1:${port}/${kind}`, { perMessageDeflate: false })
    await once(socket, 'open')
    socket.on('message', (message) => {
      if (Buffer.isBuffer(message)) delays.push(now() - Number(message.toString('latin1', 0, 20)))
    })
    sockets.push(socket)
  }
  await thread.ask('broadcast', { seconds: 5 })
  await sleep(500)
  for (const socket of sockets) socket.terminate()
  await thread.stop()
  return percentiles(delays)
}

async function measureCopy(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    let rows = 0
    let seconds = 0
    for (const table of ['check_in', 'breadcrumb']) {
      const lines = await copyOut(client, `select * from ${table} limit 200000`)
      await client.query(`create table bench_copy (like ${table})`)
      const started = now()
      await copyIn(client, 'bench_copy', lines)
      seconds += (now() - started) / 1_000
      rows += lines.length
      await client.query('drop table bench_copy')
    }
    return round(rows / seconds, 0)
  } finally {
    await client.end()
  }
}

async function measurePublish(redisUrl: string, bytes: number): Promise<number> {
  const listener = new Redis(redisUrl)
  const publisher = new Redis(redisUrl, { enableAutoPipelining: true })
  await listener.subscribe('bench-baseline')
  const message = 'x'.repeat(bytes)
  const started = now()
  let published = 0
  while (now() - started < 1_000) {
    await Promise.all(Array.from({ length: 100 }, () => publisher.publish('bench-baseline', message)))
    published += 100
  }
  const perSecond = published / ((now() - started) / 1_000)
  listener.disconnect()
  publisher.disconnect()
  return round(perSecond, 0)
}
