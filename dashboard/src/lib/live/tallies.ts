import type { Tally } from '@patrol/contract'
import { fillTally, windowStates } from './city.ts'

/** Windows as people read them: due so far today, done of these, and what stands open past its time. */
export interface Standing {
  due: number
  done: number
  /** Over, but within grace: 逾時. */
  overdue: number
  /** Grace is over and nobody has decided yet: 漏簽. */
  missed: number
  /** done / due, 0…1; null while nothing was due. */
  coverage: number | null
}

export function sumTallies(tallies: Iterable<Tally>): Tally {
  const sum = fillTally()
  for (const tally of tallies) for (const state of windowStates) sum[state] += tally[state]
  return sum
}

export function readStanding(tally: Tally): Standing {
  const done = tally.fulfilled + tally.corrected + tally['made-up']
  const due = done + tally.open + tally.grace + tally.missed + tally.unexcused
  return {
    due,
    done,
    overdue: tally.grace,
    missed: tally.missed,
    coverage: due === 0 ? null : done / due,
  }
}
