/**
 * Somebody who watches: knows when each point was visited on earlier shifts, and stays away for the half hour in which the
 * police most often came. What share of the visits falls into the half hours so named is how predictable a patrol is.
 */

/** When a shift's visits began, in seconds from its start, in order. */
export type Visit = { point: number; at: number }
export type Execution = readonly Visit[]

export const SPAN_SECONDS = 1_800
/** The observer tries spans from every so many seconds. */
const STEP_SECONDS = 300

/** The start of the span with most of these times; the earliest of several. Undefined without any. */
export function busiestSpan(times: readonly number[]): number | undefined {
  if (times.length === 0) return undefined
  const sorted = times.toSorted((a, b) => a - b)
  let best: number | undefined
  let most = 0
  const last = sorted.at(-1) ?? 0
  const first = Math.max(0, Math.floor(((sorted[0] ?? 0) - SPAN_SECONDS) / STEP_SECONDS) * STEP_SECONDS)
  for (let from = first; from <= last; from += STEP_SECONDS) {
    const inside = sorted.filter((time) => time >= from && time < from + SPAN_SECONDS).length
    if (inside > most) {
      most = inside
      best = from
    }
  }
  return best
}

export type Hits = { hits: number; named: number }

/** How many of a shift's visits fall into the spans that an observer of `earlier` names by time of shift. */
export function observeTimes(earlier: readonly Execution[], shift: Execution): Hits {
  const times = Map.groupBy(earlier.flat(), (visit) => visit.point)
  return countHits(shift, (visit) => {
    const from = busiestSpan((times.get(visit.point) ?? []).map(({ at }) => at))
    return from === undefined ? undefined : visit.at >= from && visit.at < from + SPAN_SECONDS
  })
}

/**
 * The same for one who has just seen the previous stop, and names the half hour after it in which the point was most often
 * visited later. Neighbours on a short route follow each other: this one is hard to fool at little cost.
 */
export function observeSteps(earlier: readonly Execution[], shift: Execution): Hits {
  return countHits(shift, (visit, before) => {
    if (before === undefined) return undefined
    const waits = earlier.flatMap((execution) => {
      const seen = execution.find(({ point }) => point === before.point)
      if (seen === undefined) return []
      return execution.flatMap(({ point, at }) =>
        point === visit.point && at > seen.at ? [at - seen.at] : [],
      )
    })
    const from = busiestSpan(waits)
    const wait = visit.at - before.at
    return from === undefined ? undefined : wait >= from && wait < from + SPAN_SECONDS
  })
}

/** Hits against chance: 1 is as good as guessing. Null without earlier shifts. */
export function predictability(
  earlier: readonly Execution[],
  shift: Execution,
  shiftSeconds: number,
): number | null {
  const { hits, named } = observeTimes(earlier, shift)
  return named === 0 ? null : hits / named / Math.min(1, SPAN_SECONDS / shiftSeconds)
}

function countHits(
  shift: Execution,
  judge: (visit: Visit, before: Visit | undefined) => boolean | undefined,
): Hits {
  const judged = shift.map((visit, i) => judge(visit, shift[i - 1])).filter((hit) => hit !== undefined)
  return { hits: judged.filter(Boolean).length, named: judged.length }
}
