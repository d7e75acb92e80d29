import { randomUUID } from 'node:crypto'
import { answerSeconds, randomBetween, sceneSeconds } from './behaviour.ts'
import { ask, type Door } from './ask.ts'
import { setOut, type PatrolUnit } from './patrol-unit.ts'
import type { HeldOrder } from './read-city.ts'
import type { RoadGraph } from './road-graph.ts'

/** An order as the unit's phone has it. */
export interface OrderInHand {
  order: HeldOrder
  /** The next answer is given then; epoch milliseconds of the city. */
  answerAtMs: number
  /** An answer is on its way. */
  busy: boolean
}

export const takeOrder = (order: HeldOrder, nowMs: number): OrderInHand => ({
  order,
  answerAtMs: nowMs + randomBetween(answerSeconds.least, answerSeconds.most) * 1_000,
  busy: false,
})

/**
 * Accepts, goes there, says that it is there, clears after a while: one step of it, by the public door.
 * @param isHeld whether the unit still has this order in hand: an answer may cross with its being taken away
 */
export function followOrder(
  unit: PatrolUnit,
  hand: OrderInHand,
  { door, roads, isHeld }: { door: Door; roads: RoadGraph; isHeld(): boolean },
): void {
  const { order } = hand
  if (hand.busy || unit.atMs < hand.answerAtMs) return
  if (order.state === 'ordered') void answer('accept', 'accepted')
  else if (order.state === 'accepted') void answer('en-route', 'en-route', leave)
  else if (order.state === 'on-scene') void answer('clear', null)
  else if (unit.way.length > 0) return
  // A simulator that starts anew finds units on the way that have not set out yet.
  else if (unit.errand === null) leave()
  else void answer('on-scene', 'on-scene', stay)

  function leave() {
    const place = { pointId: 0, stationId: unit.shift.stationId, position: order.position, radiusMeters: 50 }
    setOut(
      unit,
      { place, windowId: null, scans: false, cheat: null },
      roads.route(unit.position, order.position),
    )
  }

  function stay() {
    hand.answerAtMs = unit.atMs + randomBetween(sceneSeconds.least, sceneSeconds.most) * 1_000
  }

  async function answer(act: string, state: HeldOrder['state'] | null, then?: () => void) {
    hand.busy = true
    try {
      const claimedAt = new Date(unit.atMs).toISOString()
      await ask(door, `/api/v1/orders/${order.id}/answers`, {
        id: randomUUID(),
        epoch: order.epoch,
        act,
        claimedAt,
      })
      if (!isHeld()) return
      if (state !== null) order.state = state
      then?.()
    } catch {
      // Taken away meanwhile, or no network: the next look at the orders tells.
      hand.answerAtMs = unit.atMs + 5_000
    } finally {
      hand.busy = false
    }
  }
}
