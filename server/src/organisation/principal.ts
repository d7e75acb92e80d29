import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Db } from '@patrol/db'
import type { Role, Scope } from '@patrol/contract'
import { scopeOf, type Grant } from './scope.ts'

/** Whoever a session belongs to: an officer, or a wall display. */
export interface Principal {
  sessionId: number
  officer: { id: number; name: string; stationId: number | null; precinctId: number | null } | null
  wallDisplayId: number | null
  roles: ReadonlySet<Role>
  grants: readonly Grant[]
  scope: Scope
  expiresAt: Date
}

export const hashToken = (token: string) => createHash('sha256').update(token).digest()

interface PrincipalRow extends Record<string, unknown> {
  id: number
  expires_at: Date
  wall_display_id: number | null
  officer_id: number | null
  name: string | null
  station_id: number | null
  precinct_id: number | null
  grants: Grant[]
}

/** Finds the principal of a live session; null for an unknown, expired or revoked one, or a disabled account. */
export async function findPrincipal(db: Db, token: string): Promise<Principal | null> {
  const found = await db.execute<PrincipalRow>(sql`
    select s.id, s.expires_at, s.wall_display_id, o.id as officer_id, o.name, o.station_id, o.precinct_id,
      coalesce((
        select json_agg(json_build_object('role', g.role, 'kind', org.kind, 'organisationId', org.id))
        from (
          select role, organisation_id from role_grant where officer_id = s.officer_id
          union all
          select 'wall-display', organisation_id from wall_display where id = s.wall_display_id
        ) g join organisation org on org.id = g.organisation_id
      ), '[]') as grants
    from session s
      left join officer o on o.id = s.officer_id
      left join wall_display w on w.id = s.wall_display_id
    where s.token_hash = ${hashToken(token)}
      and s.revoked_at is null and s.expires_at > clock_timestamp()
      and o.disabled_at is null and w.revoked_at is null`)
  const row = found.rows[0]
  if (row === undefined) return null
  return {
    sessionId: row.id,
    officer:
      row.officer_id === null
        ? null
        : {
            id: row.officer_id,
            name: row.name ?? '',
            stationId: row.station_id,
            precinctId: row.precinct_id,
          },
    wallDisplayId: row.wall_display_id,
    roles: new Set(row.grants.map((grant) => grant.role)),
    grants: row.grants,
    scope: scopeOf(row.grants),
    expiresAt: new Date(row.expires_at),
  }
}
