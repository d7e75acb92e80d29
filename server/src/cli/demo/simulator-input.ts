import { randomBytes } from 'node:crypto'
import type { Db } from '@patrol/db'
import { signQr } from '../../check-in/proof/signed-qr.ts'
import { hashToken } from '../../organisation/principal.ts'

/** What the simulated officers hold in their hands: their sessions, and the codes on the boxes. Never our keys. */
export interface SimulatorInput {
  tokens: [officerId: number, token: string][]
  codes: [pointId: number, code: string][]
  /** Session of the simulated 110 system, that takes calls and sends units. */
  switchboard?: string
}

const userAgent = 'patrol-simulator'

/**
 * Opens a session for every simulated officer straight in the database: four thousand log-ins by argon2 would take
 * minutes. Everything else the simulator does goes through the public doors. Sessions of the last start end.
 */
export async function openSimulatedSessions(db: Db): Promise<SimulatorInput['tokens']> {
  await db.$client.query('delete from session where user_agent = $1', [userAgent])
  const { rows } = await db.$client.query<{ id: number }>(
    `select id from officer where login ~ '^o-[0-9]+$' and disabled_at is null and station_id is not null`,
  )
  const tokens = rows.map(({ id }): [number, string] => [id, randomBytes(32).toString('base64url')])
  await db.$client.query(
    `insert into session (officer_id, token_hash, expires_at, user_agent)
     select officer_id, token_hash, clock_timestamp() + interval '30 days', $3
     from unnest($1::int[], $2::bytea[]) as s(officer_id, token_hash)`,
    [tokens.map(([id]) => id), tokens.map(([, token]) => hashToken(token)), userAgent],
  )
  return tokens
}

/** A session of the account that stands for the 110 system. It has no password: nobody else can be it. */
export async function openSwitchboardSession(db: Db): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await db.$client.query(
    `with made as (
       insert into officer (login, name, password_hash) values ('110', '110 系統（模擬）', 'none')
       on conflict (login) do update set name = excluded.name returning id
     ), granted as (
       insert into role_grant (officer_id, role, organisation_id)
       select made.id, 'operator', o.id from made join organisation o on o.kind = 'department' on conflict do nothing
     )
     insert into session (officer_id, token_hash, expires_at, user_agent)
     select id, $1, clock_timestamp() + interval '30 days', $2 from made`,
    [hashToken(token), userAgent],
  )
  return token
}

/** The code on the label of every live point, as a phone would scan it. */
export async function readCodes(
  db: Db,
  tagKeys: ReadonlyMap<number, Buffer>,
): Promise<SimulatorInput['codes']> {
  const { rows } = await db.$client.query<{ point: number; opaque_id: string; version: number }>(
    `select patrol_point_id as point, opaque_id, key_version as version
     from tag join patrol_point p on p.id = patrol_point_id
     where kind = 'qr' and tag.retired_at is null and revoked_at is null and p.retired_at is null`,
  )
  return rows.flatMap(({ point, opaque_id, version }): [number, string][] => {
    const key = tagKeys.get(version)
    return key === undefined ? [] : [[point, signQr(BigInt(opaque_id), version, key)]]
  })
}
