/** A breadcrumb of a unit, in the order of time. */
export interface Crumb {
  unitId: number
  atMs: number
  inside: boolean
}

export interface Visit {
  unitId: number
  arrivedMs: number
  leftMs: number
  checkIns: number
}

/** A unit whose position is not told for so long may have been elsewhere. */
export const maxGapMs = 3 * 60_000
/** Ten minutes and more deter (Koper 1995: the return is best from 10 to 16 minutes); less is a drive through. */
export const doseMs = 10 * 60_000
/** Visits closer together add little: at most one each two hours counts. */
export const restMs = 2 * 3_600_000

/**
 * Stretches of unbroken presence per unit. A check-in inside proves presence also where the track is silent: without a
 * stretch around it, it is a visit of no length.
 */
export function findVisits(
  crumbs: readonly Crumb[],
  checkIns: readonly { unitId: number; atMs: number }[],
): Visit[] {
  const visits: Visit[] = []
  const open = new Map<number, Visit>()
  for (const { unitId, atMs, inside } of crumbs) {
    const visit = open.get(unitId)
    if (visit && inside && atMs - visit.leftMs <= maxGapMs) {
      visit.leftMs = atMs
    } else if (inside) {
      const begun = { unitId, arrivedMs: atMs, leftMs: atMs, checkIns: 0 }
      open.set(unitId, begun)
      visits.push(begun)
    } else {
      open.delete(unitId)
    }
  }
  for (const { unitId, atMs } of checkIns) {
    const during = visits.find(
      (visit) =>
        visit.unitId === unitId && atMs >= visit.arrivedMs - maxGapMs && atMs <= visit.leftMs + maxGapMs,
    )
    if (!during) {
      visits.push({ unitId, arrivedMs: atMs, leftMs: atMs, checkIns: 1 })
      continue
    }
    during.checkIns++
    during.arrivedMs = Math.min(during.arrivedMs, atMs)
    during.leftMs = Math.max(during.leftMs, atMs)
  }
  return visits.sort((a, b) => a.arrivedMs - b.arrivedMs || a.unitId - b.unitId)
}

/** Which visits count as doses: long enough, and two hours after the one that counted before. */
export function countDoses(visits: readonly { arrivedMs: number; leftMs: number }[]): number {
  let doses = 0
  let restsUntil = -Infinity
  for (const { arrivedMs, leftMs } of visits.toSorted((a, b) => a.arrivedMs - b.arrivedMs)) {
    if (leftMs - arrivedMs < doseMs || arrivedMs < restsUntil) continue
    doses++
    restsUntil = leftMs + restMs
  }
  return doses
}
