/**
 * How fast a patrol moves, by road class, mode and hour. The figures are plain assumptions for Taiwanese city and county roads,
 * lights included; where a limit is posted it is believed instead. `server/docs/patrol-routes.md` says how to check them.
 */
export type TravelMode = 'car' | 'motorcycle' | 'foot'
export type HourBand = 'night' | 'morningPeak' | 'day' | 'eveningPeak' | 'evening'

/** km/h of a car by day. */
const CLASS_KPH: Readonly<Record<string, number>> = {
  motorway: 85,
  trunk: 65,
  primary: 42,
  secondary: 36,
  tertiary: 30,
  unclassified: 28,
  residential: 22,
  living_street: 12,
  service: 15,
}
const OTHER_KPH = 25
const LINK_SHARE = 0.7
/** What is driven of a posted limit. */
const LIMIT_SHARE = 0.75
const FOOT_KPH = 4.5
/** In lanes that the map does not have, and straight across where there is no map at all. */
const LANE_KPH: Readonly<Record<TravelMode, number>> = { car: 20, motorcycle: 20, foot: FOOT_KPH }
const ESTIMATE_KPH: Readonly<Record<TravelMode, number>> = { car: 30, motorcycle: 30, foot: FOOT_KPH }
/** Roads are this much longer than the straight line. */
export const DETOUR = 1.3

/** Motorways and expressways (快速道路) are closed to motorcycles and to people on foot. */
const CLOSED_TO_SMALL = new Set(['motorway', 'trunk'])
const MAIN_ROADS = new Set(['motorway', 'trunk', 'primary', 'secondary'])

/** Share of the speed by day, on main roads and on others. */
const BAND_SHARE: Readonly<Record<HourBand, readonly [main: number, other: number]>> = {
  night: [1.2, 1.1],
  morningPeak: [0.7, 0.85],
  day: [1, 1],
  eveningPeak: [0.7, 0.85],
  evening: [0.95, 1],
}
/** Motorcycles filter through: peaks cost them half as much. */
const MOTORCYCLE_PEAK = 0.5

/** The band of an instant, by the clock of Taipei. */
export function hourBand(at: Date): HourBand {
  const hour = (Math.floor(at.getTime() / 3_600_000) + 8) % 24
  if (hour < 6 || hour >= 23) return 'night'
  if (hour >= 7 && hour < 9) return 'morningPeak'
  if (hour >= 17 && hour < 19) return 'eveningPeak'
  return hour < 17 ? 'day' : 'evening'
}

/** Metres per second on a road; 0 where this mode may not go. */
export function roadSpeed(
  roadClass: string,
  limitKph: number | null,
  mode: TravelMode,
  band: HourBand,
): number {
  const base = roadClass.replace(/_link$/, '')
  if (mode !== 'car' && CLOSED_TO_SMALL.has(base)) return 0
  if (mode === 'foot') return FOOT_KPH / 3.6
  const byClass = (CLASS_KPH[base] ?? OTHER_KPH) * (base === roadClass ? 1 : LINK_SHARE)
  const kph = limitKph === null ? byClass : limitKph * LIMIT_SHARE
  return (kph * bandShare(MAIN_ROADS.has(base), mode, band)) / 3.6
}

/** Seconds through lanes that the map does not have. */
export function laneSeconds(straightMeters: number, mode: TravelMode): number {
  return (straightMeters * DETOUR * 3.6) / LANE_KPH[mode]
}

/** Seconds where nothing is known but the straight line. */
export function estimateSeconds(straightMeters: number, mode: TravelMode, band: HourBand): number {
  return (straightMeters * DETOUR * 3.6) / (ESTIMATE_KPH[mode] * bandShare(true, mode, band))
}

/** Share of the speed by day on main roads: for travel times that come without hours. */
export function bandShare(main: boolean, mode: TravelMode, band: HourBand): number {
  if (mode === 'foot') return 1
  const share = BAND_SHARE[band][main ? 0 : 1]
  return mode === 'motorcycle' && share < 1 ? 1 - (1 - share) * MOTORCYCLE_PEAK : share
}
