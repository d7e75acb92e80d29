import type { Event, Frame } from '@patrol/contract'
import { applyEvent, type Touched } from './apply-event.ts'
import type { City } from './city.ts'

export type FrameOutcome =
  | { kind: 'applied'; events: Event[] }
  /** Something before this frame is missing: ask for the events after `city.pos`. */
  | { kind: 'gap' }

/**
 * Applies a frame that follows on, or overlaps with, what the city has. A frame covers everything this scope may see
 * after `prevPos` up to its last event, so an overlap loses nothing.
 */
export function applyFrame(city: City, frame: Frame, touched: Touched): FrameOutcome {
  if (frame.prevPos > city.pos) return { kind: 'gap' }
  return { kind: 'applied', events: frame.events.filter((event) => applyEvent(city, event, touched)) }
}

/** Events after which the screen cannot go on by folding. */
export function needsSnapshot(events: readonly Event[]): boolean {
  return events.some((event) => event.type === 'city:changed')
}
