import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Event, EventPage, Frame, Heartbeat, Tally, WallSnapshot, WindowState } from '@patrol/contract'
import { io, type Socket } from 'socket.io-client'
import { Agent, request } from 'undici'

const inflate = promisify(gunzip)

/** A heartbeat that runs ahead of the frames for longer than this tells of a lost frame, as on the real wall. */
const patienceMs = 300
const pageLimit = 2_000

/** Every screen is a machine of its own: no waiting for a free connection. */
const agent = new Agent({ connections: null, pipelining: 1, headersTimeout: 30_000, bodyTimeout: 30_000 })

export interface FollowingScreen {
  /** The network goes: the socket is cut and stays away. */
  cut(): void
  comeBack(): void
  close(): void
  /** The snapshot and all events since, folded: windows of the day by precinct and state. */
  tallies(): Record<string, Tally>
  serviceOn(): string
  counts: { gaps: number; pages: number; connects: number; failures: number; snapshots: number }
}

/** What a screen tells its board. */
export interface ScreenNews {
  /** Has its snapshot of this position. */
  opened(pos: number): void
  applied(event: Event): void
  moved(pos: number): void
  live(open: boolean): void
  received(bytes: number): void
}

/**
 * A screen as the wall is one: a snapshot, then frames in order; a frame that does not follow on, a heartbeat ahead of what
 * came, or a reconnect asks `GET /api/v1/events` for what is missing. Nothing is applied twice.
 */
export function openFollowingScreen(origin: string, cookie: string, news: ScreenNews): FollowingScreen {
  const counts = { gaps: 0, pages: 0, connects: 0, failures: 0, snapshots: 0 }
  let pos = -1
  let serviceOn = ''
  let tallies: Record<string, Tally> = {}
  let ahead = new Set<string>()
  const buffer: Frame[] = []
  let head = 0
  let asked = false
  let running = false
  let closed = false

  const socket: Socket<ServerEvents, Record<string, never>> = io(origin, {
    transports: ['websocket'],
    forceNew: true,
    extraHeaders: { cookie },
    reconnectionDelay: 250,
    reconnectionDelayMax: 500,
    randomizationFactor: 0.5,
    timeout: 5_000,
  })
  socket.on('connect', () => {
    counts.connects++
    news.live(true)
    asked = true
    void run()
    socket.io.engine.on('data', (data) => news.received(typeof data === 'string' ? data.length : 0))
  })
  socket.on('disconnect', (reason) => {
    news.live(false)
    if (reason === 'io server disconnect' && !closed) redialLater()
  })
  socket.on('connect_error', () => {
    counts.failures++
    if (!socket.active && !closed) redialLater()
  })
  socket.on('frame', (frame) => {
    buffer.push(frame)
    if (pos >= 0) drain()
    if (isBehind()) void run()
  })
  socket.on('heartbeat', (heartbeat) => {
    if (heartbeat.pos <= pos) return
    setTimeout(() => {
      if (closed || pos >= heartbeat.pos) return
      head = Math.max(head, heartbeat.pos)
      void run()
    }, patienceMs)
  })

  function redialLater() {
    setTimeout(() => !closed && !socket.connected && socket.connect(), 250 + 500 * Math.random())
  }

  function isBehind() {
    return pos < 0 || asked || head > pos || buffer.length > 0
  }

  async function run() {
    if (running) return
    running = true
    while (!closed && socket.connected && isBehind()) {
      try {
        await (pos < 0 ? takeSnapshot() : takePage())
      } catch {
        counts.failures++
        await sleep(100 + 200 * Math.random())
      }
    }
    running = false
  }

  async function takeSnapshot() {
    const snapshot: WallSnapshot = await read('/api/v1/wall')
    counts.snapshots++
    serviceOn = snapshot.serviceOn
    ahead = new Set(snapshot.ahead)
    tallies = Object.fromEntries(snapshot.precincts.map(({ id, tally }) => [id, { ...tally }]))
    pos = snapshot.pos
    news.opened(pos)
    asked = true
  }

  async function takePage() {
    const before = pos
    const page: EventPage = await read(`/api/v1/events?after=${before}&limit=${pageLimit}`)
    counts.pages++
    for (const event of page.events) apply(event)
    if (page.through > pos) news.moved((pos = page.through))
    if (page.through >= page.head) asked = false
    // Another gateway may be ahead of the one that answered; the next heartbeat asks again.
    if (pos === before) head = Math.min(head, pos)
    drain()
    if (pos === before && isBehind()) await sleep(100)
  }

  async function read(path: string) {
    const response = await request(`${origin}${path}`, {
      dispatcher: agent,
      headers: { cookie, 'accept-encoding': 'gzip' },
    })
    const body = Buffer.from(await response.body.arrayBuffer())
    if (response.statusCode !== 200) throw new Error(`${path} answered ${response.statusCode}`)
    news.received(body.length)
    const plain = response.headers['content-encoding'] === 'gzip' ? await inflate(body) : body
    return JSON.parse(plain.toString('utf8'))
  }

  /** Applies the frames that follow on; the first that does not waits for what is missing before it. */
  function drain() {
    for (let frame = buffer[0]; frame !== undefined; frame = buffer[0]) {
      if (frame.prevPos > pos) {
        counts.gaps++
        return
      }
      for (const event of frame.events) apply(event)
      buffer.shift()
    }
  }

  function apply(event: Event) {
    if (event.pos <= pos) return
    pos = event.pos
    news.moved(pos)
    // The snapshot had its effect before its position was known.
    if (!ahead.delete(event.id) && event.type.startsWith('window:')) moveTally(event)
    news.applied(event)
  }

  function moveTally(event: Event) {
    if (!('windowId' in event.data) || event.data.serviceOn !== serviceOn || event.precinctId === null) return
    const tally = tallies[event.precinctId]
    if (tally === undefined) return
    const change: { from: WindowState; to: WindowState } = event.data
    if (change.from === change.to) return
    tally[change.from] -= 1
    tally[change.to] += 1
  }

  return {
    cut: () => void socket.disconnect(),
    comeBack: () => void socket.connect(),
    close() {
      closed = true
      socket.disconnect()
    },
    tallies: () => tallies,
    serviceOn: () => serviceOn,
    counts,
  }
}

interface ServerEvents {
  frame: (frame: Frame) => void
  heartbeat: (heartbeat: Heartbeat) => void
}
