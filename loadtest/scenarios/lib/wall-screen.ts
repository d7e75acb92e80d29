import http from 'k6/http'
import { Counter, Trend } from 'k6/metrics'
import type { Event, EventPage, Frame } from '@patrol/contract'
import { readCity } from './city.ts'
import { watchScreen } from './socket-io.ts'

/** Milliseconds from the server's `at` to this screen. */
export const wallMs = new Trend('wall_ms', true)
/** Positions that came again, or were still missing after the catch-up. */
export const eventsWrong = new Counter('events_lost_or_doubled')
export const unitMoves = new Counter('unit_moves')

/** Limits of a level on event to wall, in k6's words. */
export function wallThresholds(limits: { wallP50: number; wallP95: number; wallP99: number }) {
  return {
    wall_ms: [`p(50)<=${limits.wallP50}`, `p(95)<=${limits.wallP95}`, `p(99)<=${limits.wallP99}`],
    events_lost_or_doubled: ['count==0'],
  }
}

/**
 * A screen for some seconds: reads where the log stands, then follows frame by frame; a frame that does not follow on asks
 * for what is missing, as the wall does.
 */
export function followCity(cookie: string, seconds: number): void {
  const { origin } = readCity()
  const seen = new Set<string>()
  let pos = -1

  const read = (after: number): EventPage => {
    const response = http.get(`${origin}/api/v1/events?after=${after}`, {
      headers: { cookie },
      tags: { name: 'events' },
    })
    if (response.status !== 200 || typeof response.body !== 'string') {
      throw new Error(`events answered ${response.status}`)
    }
    return JSON.parse(response.body)
  }
  const apply = (event: Event, live: boolean) => {
    if (event.pos <= pos) return
    if (seen.has(event.id)) eventsWrong.add(1)
    seen.add(event.id)
    pos = event.pos
    if (live) wallMs.add(Date.now() - Date.parse(event.at))
  }
  const catchUp = () => {
    for (let page = read(pos); ; page = read(pos)) {
      for (const event of page.events) apply(event, false)
      pos = Math.max(pos, page.through)
      if (page.through >= page.head) return
    }
  }

  // Past any head, the answer tells only where the log stands.
  pos = read(Number.MAX_SAFE_INTEGER).head
  watchScreen(origin, cookie, seconds, {
    connected: catchUp,
    frame(frame: Frame) {
      if (frame.prevPos > pos) catchUp()
      if (frame.prevPos > pos) eventsWrong.add(1)
      for (const event of frame.events) apply(event, true)
    },
    units: (moved) => unitMoves.add(moved.units.length),
  })
}
