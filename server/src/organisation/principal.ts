import { createHash } from 'node:crypto'
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
  /** Where one decides. A door with `joint` gets `seen` here. */
  scope: Scope
  /** The same and the precincts of a joint defence: what a screen shows and dispatch may send. */
  seen: Scope
  expiresAt: Date
}

export const hashToken = (token: string) => createHash('sha256').update(token).digest()

interface PrincipalRow {
  nr: string
  id: number
  expires_at: Date
  wall_display_id: number | null
  officer_id: number | null
  name: string | null
  station_id: number | null
  precinct_id: number | null
  grants: Grant[]
}

/** A duty officer of a precinct is one of its partners' too, as long as the joint defence lasts. */
const jointGrants = `
  select own.role, partner.precinct_id, true
  from role_grant own
    join joint_defense_precinct mine on mine.precinct_id = own.organisation_id
    join joint_defense j on j.id = mine.joint_defense_id and j.ended_at is null
    join joint_defense_precinct partner on partner.joint_defense_id = j.id and partner.precinct_id <> mine.precinct_id
  where own.officer_id = s.officer_id and own.role = 'duty-officer'`

/**
 * Finds the principals of live sessions, in the order of their tokens; null for an unknown, expired or revoked one, or a
 * disabled account.
 */
export async function findPrincipals(db: Db, tokens: readonly string[]): Promise<(Principal | null)[]> {
  const { rows } = await db.$client.query<PrincipalRow>({
    name: 'find-principals',
    text: `
      select given.nr, s.id, s.expires_at, s.wall_display_id, o.id as officer_id, o.name, o.station_id, o.precinct_id,
        coalesce((
          select json_agg(json_build_object('role', g.role, 'kind', org.kind, 'organisationId', org.id,
            'joint', g.joint))
          from (
            select role, organisation_id, false as joint from role_grant where officer_id = s.officer_id
            union all
            select 'wall-display', organisation_id, false from wall_display where id = s.wall_display_id
            union all
            ${jointGrants}
          ) g join organisation org on org.id = g.organisation_id
        ), '[]') as grants
      from unnest($1::bytea[]) with ordinality as given(token_hash, nr)
        join session s on s.token_hash = given.token_hash
        left join officer o on o.id = s.officer_id
        left join wall_display w on w.id = s.wall_display_id
      where s.revoked_at is null and s.expires_at > clock_timestamp()
        and o.disabled_at is null and w.revoked_at is null`,
    values: [tokens.map(hashToken)],
  })
  const found = new Map(rows.map((row) => [Number(row.nr), readPrincipal(row)]))
  return tokens.map((_, index) => found.get(index + 1) ?? null)
}

/**
 * Finds principals one by one for those who ask, in the database many at a time: while one look-up is on its way, the next
 * gathers. By itself each was planned for longer than it ran, and a herd of phones opened every connection of the pool.
 */
export function createPrincipalFinder(db: Db): (token: string) => Promise<Principal | null> {
  let waiting = new Map<string, PromiseWithResolvers<Principal | null>>()
  let running = false

  async function run() {
    running = true
    while (waiting.size > 0) {
      const taken = waiting
      waiting = new Map()
      try {
        const found = await findPrincipals(db, [...taken.keys()])
        let nr = 0
        for (const { resolve } of taken.values()) resolve(found[nr++] ?? null)
      } catch (error) {
        for (const { reject } of taken.values()) reject(error)
      }
    }
    running = false
  }

  return (token) => {
    const asked = waiting.get(token) ?? Promise.withResolvers<Principal | null>()
    waiting.set(token, asked)
    if (!running) void run()
    return asked.promise
  }
}

function readPrincipal(row: PrincipalRow): Principal {
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
    seen: scopeOf(row.grants, { joint: true }),
    expiresAt: new Date(row.expires_at),
  }
}
