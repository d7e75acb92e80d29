import type { Outcome } from './judge-plan.ts'
import type { Plan, PlannedScan } from './plan.ts'

export interface KindCount {
  kind: string
  honest: boolean
  n: number
  rejected: number
  /** Sent to review. */
  flagged: number
  /** Counts for its window without anybody's confirmation. */
  fulfilled: number
}

export interface VerdictSummary {
  honest: number
  attacks: number
  honestRejected: number
  honestFlagged: number
  /** Attacks of any kind that were accepted without a flag. */
  attackUnflagged: number
  /** Codes read more than 2 km away that were accepted without a flag. */
  farCopyUnflagged: number
  /** Codes read more than 300 m away, or with a clock turned back, that count unconfirmed. */
  farCopyFulfilled: number
  turnedClockFulfilled: number
  stored: number
}

const farMeters = 2_000
const confirmMeters = 300

/** Holds the labels against what the judge said. */
export function countVerdicts(plan: Plan, outcomes: readonly (Outcome | null)[]) {
  const judged = plan.scans.map((scan, nr) => ({ scan, outcome: outcomes[nr] ?? null }))
  const count = (rule: (scan: PlannedScan, outcome: Outcome | null) => boolean) =>
    judged.filter(({ scan, outcome }) => rule(scan, outcome)).length
  const kinds = [...Map.groupBy(judged, ({ scan }) => scan.kind)].map(([kind, list]): KindCount => {
    const of = (rule: (outcome: Outcome) => boolean) =>
      list.filter(({ outcome }) => outcome !== null && rule(outcome)).length
    return {
      kind,
      honest: list.every(({ scan }) => scan.honest),
      n: list.length,
      rejected: of((outcome) => outcome.verdict === 'rejected'),
      flagged: of((outcome) => outcome.verdict === 'needs-review'),
      fulfilled: of((outcome) => outcome.fulfils === 'yes'),
    }
  })
  const summary: VerdictSummary = {
    honest: count((scan) => scan.honest),
    attacks: count((scan) => !scan.honest),
    honestRejected: count((scan, outcome) => scan.honest && outcome?.verdict === 'rejected'),
    honestFlagged: count((scan, outcome) => scan.honest && outcome?.verdict === 'needs-review'),
    attackUnflagged: count((scan, outcome) => !scan.honest && outcome?.verdict === 'accepted'),
    farCopyUnflagged: count(
      (scan, outcome) => scan.metersAway > farMeters && outcome?.verdict === 'accepted',
    ),
    farCopyFulfilled: count((scan, outcome) => scan.metersAway > confirmMeters && outcome?.fulfils === 'yes'),
    turnedClockFulfilled: count(
      (scan, outcome) => scan.kind === 'clock-set-back' && outcome?.fulfils === 'yes',
    ),
    stored: count((_scan, outcome) => outcome !== null),
  }
  return { kinds, summary }
}

/** Honest scans whose verdict or credit differs between two orders of upload. */
export function countOrderDependent(
  plan: Plan,
  one: readonly (Outcome | null)[],
  other: readonly (Outcome | null)[],
): number {
  return plan.scans.filter(
    (scan, nr) =>
      scan.honest && (one[nr]?.verdict !== other[nr]?.verdict || one[nr]?.fulfils !== other[nr]?.fulfils),
  ).length
}
