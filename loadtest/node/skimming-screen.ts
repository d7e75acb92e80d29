import { setTimeout as sleep } from 'node:timers/promises'
import { constants, gunzipSync } from 'node:zlib'
import { Agent, request } from 'undici'
import { openCountingScreen, type CountingScreen } from './counting-screen.ts'

/** Every screen is a machine of its own: no waiting for a free connection. */
const agent = new Agent({ connections: null, pipelining: 1, headersTimeout: 30_000, bodyTimeout: 30_000 })
const pageLimit = 2_000
/** Enough of a compressed answer to read how it begins. */
const headBytes = 1_024

/**
 * A screen that catches up as the wall does and keeps only its position: of pages and frames it reads where they begin and end.
 * 500 of them must not cost the generator what they cost 500 machines.
 */
export function openSkimmingScreen(
  origin: string,
  cookie: string,
  news: {
    opened(pos: number): void
    moved(pos: number): void
    live(open: boolean): void
    received(bytes: number): void
  },
): CountingScreen {
  let pos = -1
  let connected = false
  let isBehind = false
  let running = false

  const socket = openCountingScreen(origin, cookie, {
    received: news.received,
    live(open) {
      connected = open
      if (open) void catchUp()
      news.live(open)
    },
    packet(data) {
      const text = data.toString('latin1')
      const prevPos = Number(/^42\["frame",\{"prevPos":(\d+)/.exec(text)?.[1] ?? NaN)
      if (Number.isNaN(prevPos)) return
      if (prevPos > pos) return void catchUp()
      const last = Number(/^\{"pos":(\d+)/.exec(text.slice(text.lastIndexOf('{"pos":')))?.[1] ?? NaN)
      if (last > pos) news.moved((pos = last))
    },
  })

  async function catchUp() {
    isBehind = true
    if (running) return
    running = true
    while (connected && isBehind) {
      try {
        await (pos < 0 ? takeSnapshot() : takePage())
      } catch {
        await sleep(100 + 200 * Math.random())
      }
    }
    running = false
  }

  async function takeSnapshot() {
    const [at] = await read('/api/v1/wall', /^\{"pos":(\d+)/)
    news.opened((pos = at ?? 0))
  }

  async function takePage() {
    const path = `/api/v1/events?after=${pos}&limit=${pageLimit}`
    const [through = pos, head = pos] = await read(path, /^\{"through":(\d+),"head":(\d+)/)
    if (through >= head) isBehind = false
    if (through > pos) news.moved((pos = through))
  }

  async function read(path: string, beginning: RegExp): Promise<number[]> {
    const response = await request(`${origin}${path}`, {
      dispatcher: agent,
      headers: { cookie, 'accept-encoding': 'gzip' },
    })
    const body = Buffer.from(await response.body.arrayBuffer())
    news.received(body.length)
    if (response.statusCode !== 200) throw new Error(`${path} answered ${response.statusCode}`)
    const zipped = response.headers['content-encoding'] === 'gzip'
    const head = zipped
      ? gunzipSync(body.subarray(0, headBytes), { finishFlush: constants.Z_SYNC_FLUSH })
      : body
    const found = beginning.exec(head.toString('latin1', 0, 100))
    if (found === null) throw new Error(`${path} does not begin as expected`)
    return found.slice(1).map(Number)
  }

  return socket
}
