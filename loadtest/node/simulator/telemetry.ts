import { WebSocket } from 'ws'
import type { Breadcrumb } from '@patrol/contract'

/** One phone's stream of breadcrumbs over `/ws/telemetry`: sent in order, kept until acknowledged. */
export interface Telemetry {
  add(breadcrumbs: readonly Breadcrumb[]): void
  /** Sends what waits, if the line is up. */
  flush(): void
  /** Without network: keeps everything. */
  setOffline(offline: boolean): void
  close(): void
  readonly state: 'up' | 'down' | 'refused'
}

const batchSize = 200
/** Two hours of one breadcrumb every four seconds; older ones give way, as on a phone. */
const maxKept = 1_800
const reconnectMs = { least: 1_000, most: 30_000 }

interface Item {
  seq: number
  breadcrumb: Breadcrumb
}

export function openTelemetry(server: string, cookie: string): Telemetry {
  let socket: WebSocket | null = null
  let state: Telemetry['state'] = 'down'
  let kept: Item[] = []
  let lastSeq = 0
  let sentSeq = 0
  let paused = false
  let offline = false
  let closed = false
  let wait = reconnectMs.least
  let timer: NodeJS.Timeout | undefined

  function connect() {
    socket = new WebSocket(`${server.replace(/^http/, 'ws')}/ws/telemetry`, {
      headers: { cookie },
      perMessageDeflate: false,
    })
    socket.on('open', () => {
      state = 'up'
      wait = reconnectMs.least
      paused = false
      // What was sent and not acknowledged may be lost: again, from the oldest.
      sentSeq = (kept[0]?.seq ?? lastSeq + 1) - 1
      flush()
    })
    socket.on('message', (data) => onMessage(String(data)))
    socket.on('error', () => undefined) // 'close' follows
    socket.on('unexpected-response', (_request, response) => {
      // A session that is not known any more will not be known later.
      if (response.statusCode === 401 || response.statusCode === 403) refuse()
      else onClose()
      response.resume()
    })
    socket.on('close', (code) => (code === 4401 ? refuse() : onClose()))
  }

  function refuse() {
    closed = true
    state = 'refused'
  }

  function onClose() {
    socket = null
    if (closed || state === 'refused') return
    state = 'down'
    // A herd of phones does not come back in one second.
    clearTimeout(timer)
    timer = setTimeout(connect, wait * (0.5 + Math.random()))
    wait = Math.min(wait * 2, reconnectMs.most)
  }

  function onMessage(text: string) {
    const message: unknown = JSON.parse(text)
    if (typeof message !== 'object' || message === null) return
    if ('pause' in message) paused = true
    if ('ack' in message && typeof message.ack === 'number') {
      const { ack } = message
      paused = false
      kept = kept.filter((item) => item.seq > ack)
      flush()
    }
  }

  function flush() {
    if (state !== 'up' || socket === null || paused || offline) return
    const batch = kept.filter((item) => item.seq > sentSeq).slice(0, batchSize)
    const last = batch.at(-1)
    if (last === undefined) return
    sentSeq = last.seq
    socket.send(JSON.stringify({ seq: last.seq, breadcrumbs: batch.map((item) => item.breadcrumb) }))
  }

  connect()
  return {
    add(breadcrumbs) {
      for (const breadcrumb of breadcrumbs) kept.push({ seq: ++lastSeq, breadcrumb })
      if (kept.length > maxKept) kept = kept.slice(-maxKept)
    },
    flush,
    setOffline(next) {
      offline = next
      if (!offline) flush()
    },
    close() {
      closed = true
      clearTimeout(timer)
      socket?.close()
    },
    get state() {
      return state
    },
  }
}
