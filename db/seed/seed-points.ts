import { createHmac } from 'node:crypto'
import { latLngToCell } from 'h3-js'
import type { OpenTx } from '../transaction.ts'
import type { PlacedPoint } from './place-points.ts'

/**
 * Writes the made-up points, marked synthetic, each with a QR tag. A point belongs to the precinct of its district and
 * to that precinct's nearest station. Returns how many are new; again changes nothing.
 *
 * @param secret random bytes of this installation: opaque ids must not be the same in every city
 * @param keyVersion of the key that signs new labels
 */
export async function seedPoints(
  tx: OpenTx,
  points: readonly PlacedPoint[],
  { secret, keyVersion }: { secret: Buffer; keyVersion: number },
): Promise<number> {
  const rows = points.map(({ code, name, category, priority, position: [lon, lat], village }) => ({
    code,
    name,
    category,
    priority,
    lon,
    lat,
    village: village.name,
    village_code: village.code,
    district_code: village.districtCode,
    h3_r8: cellAt(lat, lon, 8),
    h3_r9: cellAt(lat, lon, 9),
    h3_r10: cellAt(lat, lon, 10),
  }))
  const { rowCount } = await tx.$client.query(
    `insert into patrol_point (code, name, category, priority, position, village, precinct_id, station_id, beat_id,
       h3_r8, h3_r9, h3_r10, watch_minutes, wanted_skills, synthetic)
     select r.code, r.name, r.category, r.priority, place, r.village, precinct.id, station.id, beat.id, h3_r8, h3_r9,
       h3_r10, case r.category when '金融機構' then 5 end,
       case r.category when '學校' then array['少年'] when '金融機構' then array['防搶'] else '{}' end, true
     from jsonb_to_recordset($1::jsonb) as r(code text, name text, category text, priority smallint, lon float8,
       lat float8, village text, village_code text, district_code text, h3_r8 bigint, h3_r9 bigint, h3_r10 bigint)
     cross join lateral (select st_setsrid(st_makepoint(lon, lat), 4326) as place) p
     join (
       select d.code as district_code, o.id
       from area d join organisation o on o.kind = 'precinct' and st_covers(o.area, st_pointonsurface(d.shape))
       where d.kind = 'district'
     ) precinct using (district_code)
     cross join lateral (
       select id from organisation where kind = 'station' and precinct_id = precinct.id
       order by position <-> place, id limit 1
     ) station
     left join organisation beat on beat.code = 'B' || r.village_code
     order by r.code
     on conflict (code) do nothing`,
    [JSON.stringify(rows)],
  )
  await tagPoints(tx, { secret, keyVersion })
  return rowCount ?? 0
}

/** Gives every point without a QR tag one. The opaque id comes from the installation's secret and the point's code. */
export async function tagPoints(
  tx: OpenTx,
  { secret, keyVersion }: { secret: Buffer; keyVersion: number },
): Promise<number> {
  const { rows } = await tx.$client.query<{ id: number; code: string }>(
    `select id, code from patrol_point p
     where not exists (select from tag t where t.patrol_point_id = p.id and t.kind = 'qr')`,
  )
  await tx.$client.query(
    `insert into tag (patrol_point_id, kind, opaque_id, key_version)
     select id, 'qr', opaque_id, $3 from unnest($1::int[], $2::bigint[]) as t(id, opaque_id)`,
    [rows.map((row) => row.id), rows.map((row) => opaqueIdOf(row.code, secret).toString()), keyVersion],
  )
  return rows.length
}

/** 64 bits that nobody can guess without the secret, as PostgreSQL's signed bigint. */
function opaqueIdOf(code: string, secret: Buffer): bigint {
  return createHmac('sha256', secret).update(`patrol-opaque-id:${code}`).digest().readBigInt64BE()
}

/** An H3 cell as the text of PostgreSQL's signed bigint. */
export function cellAt(lat: number, lon: number, resolution: number): string {
  return BigInt.asIntN(64, BigInt(`0x${latLngToCell(lat, lon, resolution)}`)).toString()
}
