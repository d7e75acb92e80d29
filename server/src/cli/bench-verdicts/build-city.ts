import { randomBytes } from 'node:crypto'
import type { Db } from '@patrol/db'
import { makePoint, makePrecinct, makeSecureTag, makeStation } from '@patrol/db/factories'
import { makeDeviceKey, programChip, type Chip } from '../../../test/secure-tag.ts'
import { signQr } from '../../check-in/proof/signed-qr.ts'
import { hashToken } from '../../organisation/principal.ts'
import { pointsPerStation, stations, type Plan, type Spot } from './plan.ts'

export interface BenchKeys {
  tagKey: Buffer
  nfcMasterKey: Buffer
  serverKey: Buffer
}

/** What stands on the ground, and what people hold in their hands; by the plan's numbers. */
export interface BenchCity {
  points: { code: string; opaqueId: bigint; chip: Chip }[]
  officers: { id: number; token: string; deviceId: string; key: ReturnType<typeof makeDeviceKey> }[]
}

const metersPerDegree = 111_195
const corner = { lon: 120.1, lat: 22.95 }

export function positionOf({ east, north }: Spot): { lon: number; lat: number } {
  const lat = corner.lat + north / metersPerDegree
  return { lon: corner.lon + east / (metersPerDegree * Math.cos((corner.lat * Math.PI) / 180)), lat }
}

export const makeBenchKeys = (): BenchKeys => ({
  tagKey: randomBytes(32),
  nfcMasterKey: randomBytes(16),
  serverKey: randomBytes(32),
})

/** Fills an empty database with the plan's precinct: its points with label and secure tag, its officers with their phones. */
export async function buildCity(db: Db, plan: Plan, keys: BenchKeys): Promise<BenchCity> {
  const { precinctId } = await makePrecinct(db)
  const stationIds: number[] = []
  for (let nr = 0; nr < stations; nr++) stationIds.push((await makeStation(db, precinctId)).id)
  const points = []
  for (const [nr, spot] of plan.points.entries()) {
    const { lon, lat } = positionOf(spot)
    const stationId = stationIds[Math.floor(nr / pointsPerStation)] ?? 0
    const made = await makePoint(db, { precinctId, stationId }, { position: [lon, lat] })
    const tag = await makeSecureTag(db, made.point.id)
    const chip = programChip(keys.nfcMasterKey, tag.uid ?? '', signQr(tag.opaqueId, 1, keys.tagKey))
    points.push({ code: signQr(made.tag.opaqueId, 1, keys.tagKey), opaqueId: made.tag.opaqueId, chip })
  }
  return { points, officers: await enrolOfficers(db, plan, precinctId, stationIds) }
}

/** Officers by the thousand: in a few statements, not by the factories. All are on duty since twelve hours. */
async function enrolOfficers(
  db: Db,
  plan: Plan,
  precinctId: number,
  stationIds: readonly number[],
): Promise<BenchCity['officers']> {
  const made = plan.officers.map((officer) => ({
    ...officer,
    stationId: stationIds[officer.station] ?? 0,
    token: randomBytes(32).toString('base64url'),
    key: makeDeviceKey(),
  }))
  const { rows } = await db.$client.query<{ id: number; nr: number; device: string }>(
    `with given as (
        select * from jsonb_to_recordset($1::jsonb) as g(nr int, station int, unit int, token text, key jsonb)
      ), people as (
        insert into officer (login, name, password_hash, precinct_id, station_id)
        select 'bench-' || nr, 'bench ' || nr, 'none', $2, station from given order by nr returning id, login
      ), someone as (
        select people.id, given.* from people join given on people.login = 'bench-' || nr
      ), granted as (
        insert into role_grant (officer_id, role, organisation_id) select id, 'officer', station from someone
      ), duty as (
        insert into shift (station_id, precinct_id, band, starts_at, ends_at)
        select distinct station, $2::int, 'day', now() - interval '12 hours', now() + interval '12 hours' from given
        returning id, station_id
      ), units as (
        insert into unit (shift_id, station_id, precinct_id, call_sign, mode)
        select duty.id, g.station, $2, 'U' || g.unit, 'car'
        from (select distinct unit, station from given) g join duty on duty.station_id = g.station
        returning id, call_sign
      ), members as (
        insert into unit_member (unit_id, officer_id)
        select units.id, someone.id from someone join units on units.call_sign = 'U' || someone.unit
      ), sessions as (
        insert into session (token_hash, officer_id, expires_at)
        select decode(token, 'hex'), id, now() + interval '1 day' from someone
      ), devices as (
        insert into device (id, kind, label, officer_id, public_key, approved_by, approved_at)
        select gen_random_uuid(), 'phone', 'bench', id, key, id, now() - interval '30 days' from someone
        returning id, officer_id
      )
      select someone.id, someone.nr, devices.id as device
      from someone join devices on devices.officer_id = someone.id order by someone.nr`,
    [
      JSON.stringify(
        made.map(({ stationId, unit, token, key }, nr) => ({
          nr,
          station: stationId,
          unit,
          token: hashToken(token).toString('hex'),
          key: key.publicKey,
        })),
      ),
      precinctId,
    ],
  )
  return made.map(({ token, key }, nr) => {
    const row = rows[nr]
    if (row === undefined) throw new Error('An officer of the plan was not stored.')
    return { id: row.id, token, key, deviceId: row.device }
  })
}
