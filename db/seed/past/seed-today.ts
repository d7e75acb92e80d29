import { randomUUID } from 'node:crypto'
import type { OpenTx } from '../../transaction.ts'
import { seededRandom } from '../random.ts'

/** Visits that somebody makes, and when at the latest, as shares of the windows and of each. */
export const kept = { share: 0.93, latest: 0.75 }

interface BegunWindow {
  ruleId: number
  pointId: number
  tagId: number | null
  precinctId: number
  stationId: number
  lon: number
  lat: number
  serviceOn: string
  startMs: number
  endMs: number
  graceEndMs: number
}

interface Crew {
  unitId: number
  officerId: number
  startMs: number
  endMs: number
}

/**
 * What the city's day looks like when it starts at noon instead of at midnight: the windows that are over, most of them kept,
 * and the check-ins that kept them, those of windows still open too (who makes these windows counts them). Nothing where a
 * check-in, or a window that has begun, is on record. Returns the number of check-ins.
 */
export async function seedToday(tx: OpenTx, now: Date): Promise<number> {
  const { rows: known } = await tx.$client.query(
    'select where exists (select from check_in) or exists (select from patrol_window where starts_at <= $1)',
    [now],
  )
  if (known.length > 0) return 0
  // The plan of today was in force before, and asked for the windows of this morning.
  await tx.$client.query(
    `update window_rule set valid_from = least(valid_from, ($1::timestamptz at time zone 'Asia/Taipei')::date)`,
    [now],
  )
  const crews = await readCrews(tx, now)
  const random = seededRandom(`today ${now.toISOString().slice(0, 10)}`)
  const windows = (await readBegunWindows(tx, now)).flatMap((window) => {
    const atMs = window.startMs + random() * kept.latest * (window.endMs - window.startMs)
    const onDuty = (crews.get(window.stationId) ?? []).filter(
      (one) => one.startMs <= atMs && one.endMs > atMs,
    )
    const crew = onDuty[Math.floor(random() * onDuty.length)]
    const isKept = random() < kept.share && crew !== undefined && atMs < now.getTime()
    return { ...window, atMs, crew, checkInId: isKept ? uuidV7(atMs) : null }
  })
  const visits = windows.filter(({ checkInId }) => checkInId !== null)
  await tx.$client.query(writeCheckIns, [JSON.stringify(visits)])
  const over = windows.filter(({ graceEndMs }) => graceEndMs <= now.getTime())
  await tx.$client.query(writeWindows, [JSON.stringify(over)])
  return visits.length
}

async function readBegunWindows(tx: OpenTx, now: Date): Promise<BegunWindow[]> {
  const { rows } = await tx.$client.query<BegunWindow>(
    `with day as (select ($1::timestamptz at time zone 'Asia/Taipei')::date as today)
     select r.id as "ruleId", p.id as "pointId", t.id as "tagId", p.precinct_id as "precinctId",
       p.station_id as "stationId", st_x(p.position) as lon, st_y(p.position) as lat, today::text as "serviceOn",
       extract(epoch from starts_at)::float8 * 1000 as "startMs",
       extract(epoch from starts_at)::float8 * 1000 + r.duration_minutes * 60000 as "endMs",
       extract(epoch from starts_at)::float8 * 1000 + r.duration_minutes * 60000 + r.grace_seconds * 1000 as "graceEndMs"
     from day cross join window_rule r join patrol_point p on p.id = r.patrol_point_id and p.retired_at is null
     cross join lateral (
       select (today + make_interval(mins => r.start_minute)) at time zone 'Asia/Taipei' as starts_at) s
     left join lateral (
       select id from tag where patrol_point_id = p.id and kind = 'qr' and retired_at is null order by id limit 1) t on true
     where r.active and r.required_count = 1 and today >= r.valid_from and today <= coalesce(r.valid_to, today)
       and r.weekdays >> (extract(isodow from today)::int - 1) & 1 = 1 and s.starts_at < $1
     order by s.starts_at, r.id`,
    [now],
  )
  return rows
}

/** Who was on the street today, by station; the people of the demonstration's own log-ins were not. */
async function readCrews(tx: OpenTx, now: Date): Promise<Map<number, Crew[]>> {
  const { rows } = await tx.$client.query<Crew & { stationId: number }>(
    `select u.id as "unitId", u.station_id as "stationId", min(m.officer_id) as "officerId",
       extract(epoch from s.starts_at)::float8 * 1000 as "startMs", extract(epoch from s.ends_at)::float8 * 1000 as "endMs"
     from shift s join unit u on u.shift_id = s.id join unit_member m on m.unit_id = u.id join officer o on o.id = m.officer_id
     where s.starts_at < $1 and s.ends_at > $1::timestamptz - interval '1 day'
     group by u.id, s.id having bool_and(o.login ~ '^o-[0-9]+$') order by u.id`,
    [now],
  )
  return Map.groupBy(rows, ({ stationId }) => stationId)
}

const writeCheckIns = `
  insert into check_in (id, officer_id, unit_id, uploaded_by, patrol_point_id, tag_id, precinct_id, station_id, proof_kind,
    act, role, claimed_at, received_at, checked_in_at, position, accuracy_meters, distance_meters, verdict, fulfils, reasons,
    judged_at, raw, content_hash)
  select "checkInId", (crew->>'officerId')::int, (crew->>'unitId')::int, (crew->>'officerId')::int, "pointId", "tagId",
    "precinctId", "stationId", 'qr', 'check-in', 'patrol', at, at, at, st_setsrid(st_makepoint(lon, lat), 4326), 8, 0,
    'accepted', 'yes', '[]', at, '{"synthetic": true}', sha256("checkInId"::text::bytea)
  from (
    select *, to_timestamp(v."atMs" / 1000) as at from jsonb_to_recordset($1::jsonb) as v("checkInId" uuid, crew jsonb,
      "pointId" int, "tagId" int, "precinctId" int, "stationId" int, lon float8, lat float8, "atMs" float8)
  ) v`

const writeWindows = `
  insert into patrol_window (rule_id, patrol_point_id, precinct_id, station_id, service_on, starts_at, ends_at,
    grace_ends_at, required_count, done_count, state, check_in_id)
  select "ruleId", "pointId", "precinctId", "stationId", "serviceOn", to_timestamp("startMs" / 1000),
    to_timestamp("endMs" / 1000), to_timestamp("graceEndMs" / 1000), 1, ("checkInId" is not null)::int,
    case when "checkInId" is null then 'missed' else 'fulfilled' end, "checkInId"
  from jsonb_to_recordset($1::jsonb) as w("ruleId" int, "pointId" int, "precinctId" int, "stationId" int, "serviceOn" date,
    "startMs" float8, "endMs" float8, "graceEndMs" float8, "checkInId" uuid)
  on conflict do nothing`

/** RFC 9562: milliseconds since 1970, then random bits. */
function uuidV7(ms: number): string {
  const time = Math.floor(ms).toString(16).padStart(12, '0')
  const [, , version, variant, rest] = randomUUID().split('-')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${version?.slice(1)}-${variant}-${rest}`
}
