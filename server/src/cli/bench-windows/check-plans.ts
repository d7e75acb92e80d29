import fc from 'fast-check'
import { checkWindowCase } from '../../../test/check-window-case.ts'
import { windowCase } from '../../../test/window-cases.ts'
import { replayWindow } from '../../../test/window-oracle.ts'

/** Runs between two lines of progress. */
const PORTION = 10_000

export interface PlansResult {
  runs: number
  seed: number
  /** Plans on which the engine and the oracle differ: 0, or 1, at which it stops. */
  disagreements: number
  /** The smallest such plan, as text. */
  counterexample: string | null
  /** How often each state was the answer: a state that never comes up is not tested. */
  states: Record<string, number>
  plansSeconds: number
}

/** Holds the pure evaluator against the naive oracle on `runs` random plans and orders of arrival. */
export function checkPlans(runs: number, seed: number, progress: (line: string) => void): PlansResult {
  const began = performance.now()
  const states: Record<string, number> = {}
  const property = fc.property(windowCase, (each) => {
    checkWindowCase(each)
    const { state } = replayWindow(each.window, each.visits, each.attempt, each.now)
    states[state] = (states[state] ?? 0) + 1
  })
  let done = 0
  let counterexample: string | null = null
  while (done < runs && counterexample === null) {
    const numRuns = Math.min(PORTION, runs - done)
    const result = fc.check(property, { numRuns, seed: seed + done })
    done += result.failed ? result.numRuns : numRuns
    if (result.failed)
      counterexample = `${fc.stringify(result.counterexample)} ${String(result.errorInstance)}`
    progress(`${done.toLocaleString('en')} of ${runs.toLocaleString('en')} plans`)
  }
  return {
    runs: done,
    seed,
    disagreements: counterexample === null ? 0 : 1,
    counterexample,
    states,
    plansSeconds: seconds(performance.now() - began),
  }
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds) / 1_000
}
