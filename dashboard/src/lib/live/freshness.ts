export type Freshness = 'live' | 'delayed' | 'stale' | 'lost'

/**
 * The honest state of a screen.
 * @param ageMs since the screen last knew that it had everything: a heartbeat came, and no event before it was missing
 */
export function judgeFreshness(ageMs: number): Freshness {
  if (ageMs < 5_000) return 'live'
  if (ageMs < 15_000) return 'delayed'
  return ageMs <= 60_000 ? 'stale' : 'lost'
}

export type PositionAge = 'solid' | 'hollow' | 'ghost'

/** @param ageMs of a unit's last position; beyond ten minutes the unit is not counted as on the street */
export function judgePosition(ageMs: number): PositionAge {
  if (ageMs < 120_000) return 'solid'
  return ageMs <= 600_000 ? 'hollow' : 'ghost'
}
