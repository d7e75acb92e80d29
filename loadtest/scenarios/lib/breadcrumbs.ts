import ws from 'k6/ws'
import { Counter, Trend } from 'k6/metrics'
import type { Breadcrumb, TelemetryAck } from '@patrol/contract'
import { ownOf, readCity } from './city.ts'
import type { K6Unit } from './k6-city.ts'

export const breadcrumbAckMs = new Trend('breadcrumb_ack_ms', true)
export const breadcrumbsSent = new Counter('breadcrumbs_sent')
export const breadcrumbsStored = new Counter('breadcrumbs_stored')
export const breadcrumbsRefused = new Counter('breadcrumbs_refused')

export const breadcrumbThresholds = {
  breadcrumb_ack_ms: ['p(95)<=1000'],
  breadcrumbs_refused: ['count==0'],
}

/** A device on `/ws/telemetry`: a batch of its last seconds, again and again, until the time is over. */
export function streamBreadcrumbs(
  unit: K6Unit,
  { everySeconds, breadcrumbsPerBatch }: { everySeconds: number; breadcrumbsPerBatch: number },
  seconds: number,
): void {
  const url = `${readCity().origin.replace(/^http/, 'ws')}/ws/telemetry`
  const sentAt = new Map<number, number>()
  let seq = 0
  ws.connect(url, { headers: { cookie: unit.cookie } }, (socket) => {
    const send = () => {
      seq += breadcrumbsPerBatch
      sentAt.set(seq, Date.now())
      breadcrumbsSent.add(breadcrumbsPerBatch)
      const breadcrumbs = makeBreadcrumbs(unit, Date.now(), everySeconds, breadcrumbsPerBatch)
      socket.send(JSON.stringify({ seq, breadcrumbs }))
    }
    socket.on('open', () => {
      // Not all at once: a city does not tick.
      socket.setTimeout(
        () => socket.setInterval(send, everySeconds * 1_000),
        1 + Math.random() * everySeconds * 1_000,
      )
    })
    socket.on('message', (text) => {
      const answer: TelemetryAck = JSON.parse(text)
      if ('code' in answer) breadcrumbsRefused.add(1)
      if (!('ack' in answer)) return
      breadcrumbsStored.add(answer.stored)
      breadcrumbAckMs.add(Date.now() - (sentAt.get(answer.ack) ?? Date.now()))
      sentAt.delete(answer.ack)
    })
    socket.setTimeout(() => socket.close(), seconds * 1_000)
  })
}

/** Positions of the seconds that ended at `until`, near the unit's first point. */
export function makeBreadcrumbs(unit: K6Unit, until: number, seconds: number, count: number): Breadcrumb[] {
  const centre = ownOf(unit.points, 1)
  return Array.from({ length: count }, (_, i) => {
    const at = until - Math.floor(((count - i) * seconds * 1_000) / count)
    const angle = (at / 250_000) * 2 * Math.PI
    return {
      lon: centre.lon + 0.0015 * Math.cos(angle),
      lat: centre.lat + 0.0015 * Math.sin(angle),
      recordedAt: new Date(at).toISOString(),
      accuracyMeters: 8,
      speedMps: 4.2,
    }
  })
}
