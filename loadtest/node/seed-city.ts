import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { precinctCount, stationsPerPrecinct } from '../lib/levels.ts'
import { signQr } from '../lib/sign-qr.ts'

/** A place to check in at, with the code that its label carries. */
export interface BenchPoint {
  code: string
  lon: number
  lat: number
}

export interface BenchUnit {
  officerId: number
  cookie: string
  /** 0–15. */
  precinct: number
  /** The points of its station, all within a walk that nobody finds too fast. */
  points: BenchPoint[]
}

export interface BenchScreen {
  cookie: string
  /** 0–15, or -1 for the whole city. */
  precinct: number
}

export interface BenchCity {
  precinctIds: number[]
  units: BenchUnit[]
  walls: BenchScreen[]
  consoles: BenchScreen[]
  points: number
}

export interface CityPlan {
  points: number
  /** The last so many are due once an hour, the others once a day. */
  hourlyPoints?: number
  units: number
  walls: number
  consoles: number
  /**
   * Into how many places, 600 m from each other, the points of a station are spread; each unit walks in one of them.
   * One unless told: then all lie within 200 m.
   */
  spots?: 1 | 9
  /** Also windows of a minute that open, run over and are missed in the next quarter of an hour. */
  churn: boolean
}

const keyVersion = 1

/** An empty database becomes a city: set-based, since two cores are few. Every point has a window for each day. */
export async function seedCity(databaseUrl: string, tagKey: Buffer, plan: CityPlan): Promise<BenchCity> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const secret = randomBytes(18).toString('base64url')
    await client.query('begin')
    await client.query(organisations, [precinctCount, stationsPerPrecinct])
    await client.query(points, [plan.points, secret, keyVersion, plan.spots ?? 1])
    await client.query(dayRules, [plan.hourlyPoints ?? 0])
    if (plan.churn) await client.query(churnRules)
    await client.query(officers, [plan.units])
    await client.query(duties)
    await client.query(watchers)
    await client.query(officerSessions, [secret])
    await client.query(screenSessions, [secret, plan.walls, plan.consoles, precinctCount])
    await client.query('commit')
    await client.query('analyze')
    return await readCity(client, secret, tagKey, plan)
  } finally {
    await client.end()
  }
}

async function readCity(
  client: pg.Client,
  secret: string,
  tagKey: Buffer,
  plan: CityPlan,
): Promise<BenchCity> {
  const precincts = await client.query<{ id: number }>(
    `select id from organisation where kind = 'precinct' order by code`,
  )
  const tags = await client.query<{ station_id: number; opaque_id: string; lon: number; lat: number }>(
    `select station_id, opaque_id, st_x(position) as lon, st_y(position) as lat
     from tag join patrol_point p on p.id = tag.patrol_point_id order by p.id`,
  )
  const pointsOf = Map.groupBy(tags.rows, (row) => row.station_id)
  const signed = new Map(
    [...pointsOf].map(([stationId, rows]) => [
      stationId,
      rows.map(({ opaque_id, lon, lat }) => ({
        code: signQr(BigInt(opaque_id), keyVersion, tagKey),
        lon,
        lat,
      })),
    ]),
  )
  const units = await client.query<{ id: number; station_id: number; precinct: number }>(
    `select o.id, o.station_id, p.nr::int - 1 as precinct
     from officer o join (select id, row_number() over (order by code) as nr from organisation where kind = 'precinct') p
       on p.id = o.precinct_id
     where o.login like 'bench-officer-%' order by o.id`,
  )
  const spots = plan.spots ?? 1
  const screen = (kind: string, precinct: (nr: number) => number) => (_: unknown, nr: number) => ({
    cookie: `patrol=${secret}-${kind}-${nr + 1}`,
    precinct: precinct(nr),
  })
  return {
    precinctIds: precincts.rows.map((row) => row.id),
    units: units.rows.map((row, nr) => ({
      officerId: row.id,
      cookie: `patrol=${secret}-officer-${row.id}`,
      precinct: row.precinct,
      // The points of a station went round its spots in the order of their ids.
      points: (signed.get(row.station_id) ?? []).filter((_, i) => i % spots === nr % spots),
    })),
    walls: Array.from(
      { length: plan.walls },
      screen('wall', () => -1),
    ),
    consoles: Array.from(
      { length: plan.consoles },
      screen('console', (nr) => nr % precinctCount),
    ),
    points: plan.points,
  }
}

/** Stations on a grid two kilometres wide over the city. */
const organisations = `
  with department as (
    insert into organisation (kind, code, name, name_en) values ('department', 'B', '壓測警察局', 'Bench department')
    returning id
  ), precinct as (
    insert into organisation (kind, parent_id, code, name, name_en, position)
    select 'precinct', department.id, 'B' || to_char(nr, 'FM00'), '壓測分局 ' || nr, 'Bench precinct ' || nr,
      st_setsrid(st_makepoint(120.05 + (nr - 1) % 4 * 0.1, 22.95 + (nr - 1) / 4 * 0.1), 4326)
    from department, generate_series(1, $1::int) nr returning id, code, position
  )
  insert into organisation (kind, parent_id, precinct_id, code, name, name_en, position)
  select 'station', id, id, code || '-S' || nr, '壓測派出所 ' || code || '-' || nr, 'Bench station ' || code || '-' || nr,
    st_translate(position, (nr - 1) % 3 * 0.02, (nr - 1) / 3 * 0.02)
  from precinct, generate_series(1, $2::int) nr`

/** The points of a place lie within 200 m of it, so that walking from one to the next is never too fast. */
const points = `
  with station as (
    select id, precinct_id, position, row_number() over (order by code) - 1 as nr, count(*) over () as of
    from organisation where kind = 'station'
  ), spot as (
    select nr, case when $4::int = 1 then 0 else (nr % 3 - 1) * 0.006 end as east,
      case when $4::int = 1 then 0 else (nr / 3 - 1) * 0.006 end as north
    from generate_series(0, $4::int - 1) nr
  ), point as (
    insert into patrol_point (code, name, category, position, radius_meters, precinct_id, station_id, h3_r8, h3_r9,
      h3_r10, synthetic)
    select 'B' || to_char(i, 'FM00000'), '壓測巡邏點 ' || i, 'bench',
      st_translate(s.position, spot.east + cos(i) * 0.0018 * ((i * 7) % 100) / 100,
        spot.north + sin(i) * 0.0018 * ((i * 7) % 100) / 100),
      50, s.precinct_id, s.id, 0, 0, 0, true
    from generate_series(1, $1::int) i join station s on s.nr = (i - 1) % s.of
      join spot on spot.nr = (i - 1) / s.of % $4::int
    order by i returning id
  )
  insert into tag (patrol_point_id, kind, opaque_id, key_version)
  select id, 'qr', ('x' || substr(md5($2 || id), 1, 16))::bit(64)::bigint, $3::int from point order by id`

const dayRules = `
  insert into window_rule (patrol_point_id, start_minute, duration_minutes, valid_from)
  select id, hour * 60, case when hourly then 60 else 1440 end, '2020-01-01'
  from (select id, row_number() over (order by id desc) <= $1::int as hourly from patrol_point) p
    join generate_series(0, 23) hour on hourly or hour = 0
  order by id, hour`

/** From the next minute on, each minute another 75 points are due for one minute and 30 seconds of grace. */
const churnRules = `
  insert into window_rule (patrol_point_id, start_minute, duration_minutes, grace_seconds, valid_from)
  select id, (extract(epoch from clock_timestamp() at time zone 'Asia/Taipei')::bigint / 60 + 1 + id / 75 % 15) % 1440,
    1, 30, '2020-01-01'
  from patrol_point where id <= 75 * 15 order by id`

const officers = `
  with station as (
    select id, precinct_id, row_number() over (order by code) - 1 as nr, count(*) over () as of
    from organisation where kind = 'station'
  ), made as (
    insert into officer (login, name, password_hash, station_id, precinct_id)
    select 'bench-officer-' || i, '壓測員警 ' || i, 'none', s.id, s.precinct_id
    -- One precinct after the other, so that few units are spread over all of them.
    from generate_series(1, $1::int) i join station s on s.nr = ((i - 1) * 7 + (i - 1) / 16) % s.of
    order by i returning id, station_id
  )
  insert into role_grant (officer_id, role, organisation_id) select id, 'officer', station_id from made`

/** On duty since two hours ago, for as long as any run takes. */
const duties = `
  with made as (
    insert into shift (station_id, precinct_id, band, starts_at, ends_at)
    select id, precinct_id, 'day', date_trunc('minute', now()) - interval '2 hours', date_trunc('minute', now()) + interval '30 hours'
    from organisation where kind = 'station' order by id returning id, station_id, precinct_id
  ), manned as (
    insert into unit (shift_id, station_id, precinct_id, call_sign, mode)
    select made.id, o.station_id, o.precinct_id, '壓測' || o.id, 'car'
    from officer o join made on made.station_id = o.station_id order by o.id
    returning id, call_sign
  )
  insert into unit_member (unit_id, officer_id) select id, substr(call_sign, 3)::int from manned`

/** One operator for the whole city, who may also plan routes, and one for each precinct. */
const watchers = `
  with made as (
    insert into officer (login, name, password_hash)
    select 'bench-watch-' || id, '壓測執勤官 ' || code, 'none' from organisation where kind in ('department', 'precinct')
    returning id, login
  )
  insert into role_grant (officer_id, role, organisation_id)
  select id, role, substr(login, 13)::int from made, unnest(array['operator', 'duty-officer']) role
  where role = 'operator' or substr(login, 13)::int in (select id from organisation where kind = 'department')`

const officerSessions = `
  insert into session (token_hash, officer_id, expires_at)
  select sha256(convert_to($1 || '-officer-' || id, 'utf8')), id, clock_timestamp() + interval '2 days'
  from officer where login like 'bench-officer-%'`

const screenSessions = `
  with place as (
    select o.id as officer_id, org.kind, row_number() over (partition by org.kind order by org.code) - 1 as nr
    from officer o join organisation org on o.login = 'bench-watch-' || org.id
  )
  insert into session (token_hash, officer_id, expires_at)
  select sha256(convert_to($1 || '-wall-' || nr, 'utf8')), (select officer_id from place where kind = 'department'),
    clock_timestamp() + interval '2 days'
  from generate_series(1, $2::int) nr
  union all
  select sha256(convert_to($1 || '-console-' || s, 'utf8')), place.officer_id, clock_timestamp() + interval '2 days'
  from generate_series(1, $3::int) s join place on place.kind = 'precinct' and place.nr = (s - 1) % $4::int`
