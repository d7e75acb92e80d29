/** What the planner knows of a station. */
export interface StationPool {
  stationId: number
  precinctId: number
  /** What its call signs begin with, such as 東寧. */
  callName: string
  /** Officers who take turns, in a fixed order. */
  officerIds: readonly number[]
  /** Officers of the demonstration's log-ins: on duty in every shift, as one more unit. */
  demoOfficerIds: readonly number[]
}

export interface PlannedUnit {
  stationId: number
  precinctId: number
  band: 'lateNight' | 'day' | 'evening'
  startsAt: string
  endsAt: string
  callSign: string
  mode: 'car' | 'motorcycle' | 'foot'
  officerIds: readonly number[]
}

/** 深夜勤 00–06, 日勤 06–18, 夜勤 18–24, with the share of a station's units in each. */
const bands = [
  { band: 'lateNight', fromHour: 0, toHour: 6, share: 0.22, letter: 'A' },
  { band: 'day', fromHour: 6, toHour: 18, share: 0.44, letter: 'B' },
  { band: 'evening', fromHour: 18, toHour: 24, share: 0.34, letter: 'C' },
] as const

/** Officers for each one on duty: rest, leave, training and desk duty take the others. */
const relief = 1.9
const modes = ['car', 'motorcycle', 'car', 'motorcycle', 'foot'] as const

/**
 * The units of a station on one day. Nobody is in two units of a day, and turns go round the whole pool.
 * @param day days since 1970-01-01 of a date in Asia/Taipei
 */
export function planShifts(station: StationPool, day: number): PlannedUnit[] {
  const units = Math.max(3, Math.floor(station.officerIds.length / relief / 2))
  const counts = bands.map(({ share }) => Math.max(1, Math.round(units * share)))
  const perDay = counts.reduce((sum, count) => sum + count * 2, 0)
  let turn = day * perDay
  const nextOfficer = () => station.officerIds[turn++ % station.officerIds.length]

  return bands.flatMap(({ band, fromHour, toHour, letter }, i) => {
    const common = {
      stationId: station.stationId,
      precinctId: station.precinctId,
      band,
      startsAt: instantOf(day, fromHour),
      endsAt: instantOf(day, toHour),
    }
    const patrols = Array.from({ length: counts[i] ?? 0 }, (_, nth): PlannedUnit => {
      const pair = [nextOfficer(), nextOfficer()].filter((id) => id !== undefined)
      return {
        ...common,
        callSign: `${station.callName}${letter}${nth + 1}`,
        mode: modes[(station.stationId + nth) % modes.length] ?? 'car',
        officerIds: [...new Set(pair)],
      }
    })
    if (station.demoOfficerIds.length === 0) return patrols
    const demo: PlannedUnit = {
      ...common,
      callSign: `${station.callName}示範`,
      mode: 'foot',
      officerIds: station.demoOfficerIds,
    }
    return [...patrols, demo]
  })
}

/** Taipei has kept +08:00 without summer time since 1980. */
function instantOf(day: number, hour: number): string {
  return new Date(day * 86_400_000 + (hour - 8) * 3_600_000).toISOString()
}
