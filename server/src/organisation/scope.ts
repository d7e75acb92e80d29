import { sql, type SQL, type SQLWrapper } from 'drizzle-orm'
import type { Role, Scope } from '@patrol/contract'

/** A role grant with the place of its subtree in the tree. */
export interface Grant {
  role: Role
  kind: 'department' | 'precinct' | 'station' | 'beat'
  organisationId: number
  /** Not one's own: of a precinct in the same joint defence (區域聯防). Its units are seen and sent, nothing there is decided. */
  joint?: boolean
}

export const cityScope: Scope = { city: true, precinctIds: [], stationIds: [] }
export const emptyScope: Scope = { city: false, precinctIds: [], stationIds: [] }

/** Roles that watch over others. An officer's or beat officer's grant shows only their own duty. */
const watching: ReadonlySet<Role> = new Set<Role>([
  'operator',
  'duty-officer',
  'supervisor',
  'administrator',
  'wall-display',
])

/** The union of the subtrees of all watching grants; those of a joint defence only where they are asked for. */
export function scopeOf(grants: readonly Grant[], { joint = false } = {}): Scope {
  const seen = grants.filter((grant) => watching.has(grant.role) && (joint || grant.joint !== true))
  if (seen.some((grant) => grant.kind === 'department')) return cityScope
  const idsOf = (kind: Grant['kind']) =>
    [...new Set(seen.filter((grant) => grant.kind === kind).map((grant) => grant.organisationId))].sort(
      (a, b) => a - b,
    )
  return { city: false, precinctIds: idsOf('precinct'), stationIds: idsOf('station') }
}

/** The widest place of one's own: the department before a precinct before a station. */
export function widestGrant(grants: readonly Grant[]): number | null {
  for (const kind of ['department', 'precinct', 'station'] as const) {
    const grant = grants.find((one) => one.kind === kind && watching.has(one.role) && one.joint !== true)
    if (grant !== undefined) return grant.organisationId
  }
  return null
}

/** Where something is; null means that only the whole city may see it. */
export interface Place {
  precinctId: number | null
  stationId: number | null
}

/** May this scope see something there? */
export function covers(scope: Scope, { precinctId, stationId }: Place): boolean {
  if (scope.city) return true
  if (precinctId !== null && scope.precinctIds.includes(precinctId)) return true
  return stationId !== null && scope.stationIds.includes(stationId)
}

/** The same rule as SQL, on the two columns of a table. */
export function withinScope(scope: Scope, columns: { precinctId: SQLWrapper; stationId: SQLWrapper }): SQL {
  if (scope.city) return sql`true`
  return sql`(${columns.precinctId} = any(${sql.param(scope.precinctIds)}::int[])
    or ${columns.stationId} = any(${sql.param(scope.stationIds)}::int[]))`
}

/** Is anything visible at all? */
export function isEmpty(scope: Scope): boolean {
  return !scope.city && scope.precinctIds.length === 0 && scope.stationIds.length === 0
}

/** The name of a scope: sessions with the same one share a room and its frames. */
export function scopeKey(scope: Scope): string {
  if (scope.city) return 'city'
  return `p${scope.precinctIds.join('.')}s${scope.stationIds.join('.')}`
}
