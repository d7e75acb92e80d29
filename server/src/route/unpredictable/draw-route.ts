/**
 * Draws the route of one shift: which of the near orders, forward or reverse, when it begins and where it lingers
 * (警察勤務條例 §13: at fixed and unfixed times), so that the last executions and this one together stay spread out.
 */
import type { Random } from '../random.ts'
import { spreadOf } from './entropy.ts'
import type { Direction, NearOrder } from './near-orders.ts'
import { predictability, type Execution } from './observer.ts'

/** Least spread (`spreadOf`) of the last executions with the new one. */
export const ENTROPY_FLOOR = 0.85
/** Executions that count as the last. */
export const LAST_EXECUTIONS = 20
const TRIES = 64
/** Below this nobody lingers. */
const LEAST_PAUSE = 300
const MOST_PAUSES = 3
/** Nobody lingers longer at one place: the stay that a hotspot asks for, 16 minutes. */
export const MOST_PAUSE = 960
/** Nobody sets out later than this after the start of the shift: a sergeant expects the unit on the street. */
const LATEST_START_SECONDS = 1_800

export type Timing = {
  /** When service begins at each stop, seconds from the start of the shift. */
  at: number[]
  /** Back at the end. */
  endsAt: number
}

/** Times an order from a start and with pauses before some stops; null where a window or the shift's end is missed. */
export type TimeOrder = (
  points: readonly number[],
  startsAt: number,
  pauses: readonly number[],
) => Timing | null

export type DrawnRoute = {
  order: NearOrder
  timing: Timing
  spread: number
  /** Against the last executions; null without any. */
  predictability: number | null
  /** False where no draw kept the spread above the floor: then it is the most spread of them. */
  aboveFloor: boolean
}

export type DrawOptions = {
  shiftSeconds: number
  /** The earliest start, in seconds from the start of the shift: later than 0 in one that has begun. */
  startsAt?: number
  /** Earlier shifts, the last one last. */
  history: readonly Execution[]
  random: Random
  floor?: number
  /** What the history calls a point of the orders; default the same. */
  nameOf?: (point: number) => number
}

/** @returns null when no order fits the shift at all */
export function drawRoute(
  orders: readonly NearOrder[],
  timeOrder: TimeOrder,
  { shiftSeconds, startsAt = 0, history, random, floor = ENTROPY_FLOOR, nameOf }: DrawOptions,
): DrawnRoute | null {
  const last = history.slice(-LAST_EXECUTIONS)
  // The coin is thrown first: picked by spread alone, one direction might win for long.
  const wanted: Direction = random.real() < 0.5 ? 'forward' : 'reverse'
  const others = orders.filter((order) => order.direction !== wanted)
  let best: DrawnRoute | null = null
  for (const pool of [orders.filter((order) => order.direction === wanted), others]) {
    for (let tries = 0; tries < TRIES && pool.length > 0; tries++) {
      const order = pool[random.below(pool.length)]
      const timing = order && drawTiming(order.points, timeOrder, { startsAt, shiftSeconds, random })
      if (order === undefined || timing === undefined || timing === null) continue
      const execution = toExecution(order.points, timing, nameOf)
      const spread = spreadOf([...last, execution], shiftSeconds)
      const drawn = { order, timing, spread, aboveFloor: spread >= floor }
      if (best !== null && !drawn.aboveFloor && best.spread >= spread) continue
      best = { ...drawn, predictability: predictability(last, execution, shiftSeconds) }
      if (drawn.aboveFloor) return best
    }
    if (best !== null) return best
  }
  return plainRoute(orders, timeOrder, { shiftSeconds, history: last, nameOf })
}

/** The best order at the plan's time, without jitter: the fixed line. */
export function plainRoute(
  orders: readonly NearOrder[],
  timeOrder: TimeOrder,
  {
    shiftSeconds,
    history,
    nameOf,
  }: Omit<DrawOptions, 'random' | 'nameOf'> & { nameOf?: DrawOptions['nameOf'] | undefined },
): DrawnRoute | null {
  for (const order of orders) {
    const timing = timeOrder(order.points, 0, [])
    if (timing === null) continue
    const execution = toExecution(order.points, timing, nameOf)
    return {
      order,
      timing,
      spread: spreadOf([...history, execution], shiftSeconds),
      predictability: predictability(history, execution, shiftSeconds),
      aboveFloor: false,
    }
  }
  return null
}

export function toExecution(
  points: readonly number[],
  timing: Timing,
  nameOf: (point: number) => number = (point) => point,
): Execution {
  return points.map((point, i) => ({ point: nameOf(point), at: timing.at[i] ?? 0 }))
}

/** A random start in the first half hour, as far as time is left over, and pauses with a random part of the rest. */
function drawTiming(
  points: readonly number[],
  timeOrder: TimeOrder,
  { startsAt: earliest, shiftSeconds, random }: { startsAt: number; shiftSeconds: number; random: Random },
): Timing | null {
  const tight = timeOrder(points, earliest, [])
  if (tight === null) return null
  const left = Math.max(0, shiftSeconds - tight.endsAt)
  const late = Math.min(left, LATEST_START_SECONDS) * random.real()
  const startsAt = earliest + late
  const pauses = points.map(() => 0)
  let rest = (left - late) * random.real()
  const most = Math.max(MOST_PAUSES, Math.floor(points.length / 4))
  for (let n = 1 + random.below(most); n > 0 && rest >= LEAST_PAUSE; n--) {
    const pause = Math.min(n === 1 ? rest : rest * random.real(), MOST_PAUSE)
    // Not before the first stop: nobody would be on the street by then.
    const at = 1 + random.below(Math.max(1, points.length - 1))
    if (pause < LEAST_PAUSE || at >= points.length || (pauses[at] ?? 0) > 0) continue
    pauses[at] = pause
    rest -= pause
  }
  // Windows may not allow it: then the start alone, then neither.
  return timeOrder(points, startsAt, pauses) ?? timeOrder(points, startsAt, []) ?? tight
}
