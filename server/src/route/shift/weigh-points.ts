import type { RouteWeights } from '@patrol/contract'

/** What is known of a point before a shift. */
export type PointFacts = {
  id: number
  /** 1 is high-risk, 2 normal, 3 low. */
  priority: number
  /** Incidents around it in the hours of the shift. */
  incidents: number
  /** Windows due in the shift, in seconds from its start. */
  windows: readonly { opensAt: number; closesAt: number; visits: number }[]
  overdue: boolean
  inCampaign: boolean
  /** Since anybody checked in there; null for never. */
  hoursUnseen: number | null
}

/** Every point is worth a little, high-risk ones more: so a route fills up. */
const BASE = [0, 0.4, 0.2, 0.1]
/** Hours after which a point counts as hardly seen. */
const UNSEEN_SCALE = 24

export type WeighedFacts = { score: number; parts: Record<keyof RouteWeights, number> }

/** Scores of points: the sum of what is asked for, each between 0 and 1 times its weight. */
export function weighPoints(points: readonly PointFacts[], weights: RouteWeights): WeighedFacts[] {
  const most = Math.max(1, ...points.map((point) => point.incidents))
  return points.map((point) => {
    const parts = {
      // The root: ten times the calls do not make ten times the point.
      hotspot: weights.hotspot * Math.sqrt(point.incidents / most),
      windows: weights.windows * (point.windows.length > 0 ? 1 : 0),
      overdue: weights.overdue * (point.overdue ? 1 : 0),
      campaign: weights.campaign * (point.inCampaign ? 1 : 0),
      visibility:
        weights.visibility *
        (point.hoursUnseen === null ? 1 : 1 - Math.exp(-Math.max(0, point.hoursUnseen) / UNSEEN_SCALE)),
    }
    const sum = Object.values(parts).reduce((total, part) => total + part, 0)
    return { score: sum + (BASE[point.priority] ?? 0.1), parts }
  })
}
