import type { Event } from '@patrol/contract'

/** Columns of `event` in the shape of {@link EventRow}. */
export const eventColumns = 'pos, event_id, type, precinct_id, station_id, at, data'

export interface EventRow {
  pos: string | number
  event_id: string
  type: string
  precinct_id: number | null
  station_id: number | null
  /** A Date from a plain query, text from drizzle's. */
  at: Date | string
  data: unknown
}

/** The wire shape of a logged event. What is in the log was typed when it was appended (append-events.ts). */
export function readEvent(row: EventRow): Event {
  return {
    pos: Number(row.pos),
    id: row.event_id,
    type: row.type,
    precinctId: row.precinct_id,
    stationId: row.station_id,
    at: new Date(row.at).toISOString(),
    data: row.data,
  } as Event
}
