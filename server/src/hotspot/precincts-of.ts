import { sql, type SQL, type SQLWrapper } from 'drizzle-orm'
import type { Scope } from '@patrol/contract'

/**
 * Hotspots are the business of a precinct: whoever watches a station sees those of its precinct, as the street
 * where two stations meet is walked by both. Never those of another precinct.
 */
export function precinctsOf(scope: Scope, precinctId: SQLWrapper): SQL {
  if (scope.city) return sql`true`
  return sql`(${precinctId} = any(${sql.param(scope.precinctIds)}::int[]) or ${precinctId} in
    (select o.precinct_id from organisation o where o.id = any(${sql.param(scope.stationIds)}::int[])))`
}
