import type { Assignment, Order } from '@patrol/contract'
import type { OpenTx } from '@patrol/db'
import { appendEvents, type NewEvent } from '../realtime/append-events.ts'

type Done =
  | 'assignment:ordered'
  | 'assignment:accepted'
  | 'assignment:refused'
  | 'assignment:en-route'
  | 'assignment:on-scene'
  | 'assignment:cleared'
  | 'assignment:cancelled'

/** Tells of an order where its unit is at home and, if that is elsewhere, where it leads. */
export async function tellOrder(tx: OpenTx, now: Date, type: Done, order: Order): Promise<void> {
  const data = withoutNote(order)
  await appendEvents(
    tx,
    now,
    placesOf(data).map((place) => ({ type, ...place, data })),
  )
}

/**
 * Tells of an order that passed to another unit. First it is gone where the old unit is at home, and then there where the new
 * one is: a screen that sees both ends with it, one that sees the old place only ends without.
 */
export async function tellReassigned(tx: OpenTx, now: Date, order: Order, from: Order): Promise<void> {
  const data = { ...withoutNote(order), fromUnitId: from.unitId, fromCallSign: from.callSign }
  const gone: NewEvent[] =
    from.stationId === order.stationId
      ? []
      : [
          {
            type: 'assignment:withdrawn',
            precinctId: from.precinctId,
            stationId: from.stationId,
            data: { id: from.id, unitId: from.unitId },
          },
        ]
  await appendEvents(tx, now, [
    ...gone,
    ...placesOf(data).map((place) => ({ type: 'assignment:reassigned' as const, ...place, data })),
  ])
}

function placesOf({ precinctId, stationId, placePrecinctId }: Assignment) {
  const home = { precinctId, stationId }
  if (placePrecinctId === null || placePrecinctId === precinctId) return [home]
  return [home, { precinctId: placePrecinctId, stationId: null }]
}

/** The note may name people: no event carries it. */
function withoutNote({ note: _note, ...assignment }: Order): Assignment {
  return assignment
}
