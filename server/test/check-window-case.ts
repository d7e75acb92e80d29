import assert from 'node:assert/strict'
import { evaluateWindow } from '../src/window/evaluate-window.ts'
import type { WindowCase } from './window-cases.ts'
import { replayWindow } from './window-oracle.ts'

/**
 * Compares the engine with the oracle on what was known at `now`, and with itself when the same check-ins are handed
 * over the other way round. Throws on the first difference.
 */
export function checkWindowCase({ window, visits, attempt, now }: WindowCase): void {
  const known = visits.filter((visit) => visit.receivedAt <= now)
  const { decision, ...expected } = replayWindow(window, known, attempt, now)
  assert.deepEqual(evaluateWindow(window, known, decision, now), expected)
  assert.deepEqual(evaluateWindow(window, known.toReversed(), decision, now), expected)
}
