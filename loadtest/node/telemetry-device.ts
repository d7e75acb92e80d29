import type { Breadcrumb, TelemetryAck } from '@patrol/contract'
import { WebSocket } from 'ws'
import { now } from './boards.ts'
import type { BenchUnit } from './seed-city.ts'

/** Breadcrumbs that are made when they are sent: a queue of half an hour of 2,000 devices need not lie in memory. */
interface Batch {
  seq: number
  fromMs: number
  everyMs: number
  count: number
}

export interface TelemetryDevice {
  /** Adds breadcrumbs from `fromMs` on, and sends them as soon as the socket allows. */
  add(batch: Omit<Batch, 'seq'>): void
  /** Resolves when the socket is open. */
  connect(): Promise<void>
  /** Breadcrumbs not acknowledged yet. */
  queued(): number
  close(): void
}

/** Batches on their way at once. */
const inFlight = 2

/** One device on `/ws/telemetry`: keeps what is not acknowledged, and sends it again after it had to reconnect. */
export function makeTelemetryDevice(
  origin: string,
  unit: BenchUnit,
  news: {
    acknowledged(breadcrumbs: number, stored: number, offDuty: number, ms: number): void
    refused(message: string): void
  },
): TelemetryDevice {
  let queue: Batch[] = []
  const sentAt = new Map<number, number>()
  let socket: WebSocket | null = null
  let seq = 0
  let closed = false

  function dial(opened: () => void) {
    const made = new WebSocket(`${origin.replace(/^http/, 'ws')}/ws/telemetry`, {
      headers: { cookie: unit.cookie },
      perMessageDeflate: false,
    })
    made.on('open', () => {
      socket = made
      sentAt.clear()
      opened()
      pump()
    })
    made.on('message', (data) => hear(JSON.parse(String(data))))
    made.on('error', () => undefined) // 'close' follows
    made.on('close', () => {
      socket = null
      // The first dialling may fail as well, in a herd.
      if (!closed) setTimeout(() => !closed && dial(opened), 300 + 700 * Math.random())
    })
  }

  function hear(message: TelemetryAck) {
    if ('code' in message) return news.refused(message.code)
    if (!('ack' in message)) return // asked to pause: nothing is sent before the next acknowledgement anyway
    const done = queue.filter((batch) => batch.seq <= message.ack)
    queue = queue.filter((batch) => batch.seq > message.ack)
    const count = done.reduce((sum, batch) => sum + batch.count, 0)
    news.acknowledged(count, message.stored, message.offDuty, now() - (sentAt.get(message.ack) ?? NaN))
    sentAt.delete(message.ack)
    pump()
  }

  function pump() {
    for (const batch of queue) {
      if (socket === null || sentAt.size >= inFlight) return
      if (sentAt.has(batch.seq)) continue
      sentAt.set(batch.seq, now())
      socket.send(JSON.stringify({ seq: batch.seq, breadcrumbs: makeBreadcrumbs(unit, batch) }))
    }
  }

  return {
    add(batch) {
      seq += batch.count
      queue.push({ seq, ...batch })
      pump()
    },
    connect: () => new Promise((resolve) => dial(resolve)),
    queued: () => queue.reduce((sum, batch) => sum + batch.count, 0),
    close() {
      closed = true
      socket?.terminate()
    },
  }
}

/** Where a unit is at that instant (epoch ms): on a walk round its place at about four metres a second. */
export function walkRound(unit: BenchUnit, at: number): { lon: number; lat: number; angle: number } {
  const [centre] = unit.points
  if (centre === undefined) throw new Error('A unit of the bench has no points.')
  const angle = (at / 250_000) * 2 * Math.PI + unit.officerId
  return {
    lon: Number((centre.lon + 0.0015 * Math.cos(angle)).toFixed(6)),
    lat: Number((centre.lat + 0.0015 * Math.sin(angle)).toFixed(6)),
    angle,
  }
}

function makeBreadcrumbs(unit: BenchUnit, { fromMs, everyMs, count }: Batch): Breadcrumb[] {
  return Array.from({ length: count }, (_, i) => {
    const at = fromMs + i * everyMs
    const { lon, lat, angle } = walkRound(unit, at)
    return {
      lon,
      lat,
      recordedAt: new Date(at).toISOString(),
      accuracyMeters: 8,
      speedMps: 4.2,
      headingDegrees: Math.round(((angle * 180) / Math.PI) % 360),
    }
  })
}
