import { sql, type SQL } from 'drizzle-orm'
import type { Grant } from '../organisation/scope.ts'

/** Where a principal may know persons. */
export interface NeedToKnow {
  /** Beats of a beat officer. */
  beatIds: number[]
  /** Stations and precincts whose supervisor one is. */
  stationIds: number[]
  precinctIds: number[]
}

/**
 * The beat officer of a beat, and the supervisors of its station and its precinct. Nobody else: not the command center, not
 * administrators, and nobody by a grant over the whole city or a station's grant as a beat officer.
 */
export function needToKnowOf(grants: readonly Grant[]): NeedToKnow {
  const idsOf = (role: Grant['role'], kind: Grant['kind']) =>
    grants.filter((grant) => grant.role === role && grant.kind === kind).map((grant) => grant.organisationId)
  return {
    beatIds: idsOf('beat-officer', 'beat'),
    stationIds: idsOf('supervisor', 'station'),
    precinctIds: idsOf('supervisor', 'precinct'),
  }
}

/** The same rule as SQL, on the columns of a table named `c`. */
export function withinNeed({ beatIds, stationIds, precinctIds }: NeedToKnow): SQL {
  return sql`(c.beat_id = any(${sql.param(beatIds)}::int[]) or c.station_id = any(${sql.param(stationIds)}::int[])
    or c.precinct_id = any(${sql.param(precinctIds)}::int[]))`
}
