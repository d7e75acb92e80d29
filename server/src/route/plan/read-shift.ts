import { gridDisk } from 'h3-js'
import { sql } from 'drizzle-orm'
import type { Db, Tx } from '@patrol/db'
import { h3Of, storedCell } from '../../hotspot/cell-index.ts'
import type { BlockPoint } from '../travel-time/travel-blocks.ts'
import type { Place } from '../travel-time/snap.ts'
import type { TravelMode } from '../travel-time/speeds.ts'
import type { MatchUnit } from '../shift/match-units.ts'
import type { PointFacts } from '../shift/weigh-points.ts'

export type ShiftHead = {
  id: number
  precinctId: number
  stationId: number
  band: 'lateNight' | 'day' | 'evening'
  startsAt: Date
  endsAt: Date
  station: Place | null
}

export type ShiftPlace = PointFacts & Place & { beatId: number | null; wantedSkills: string[] }
export type ShiftUnitFacts = MatchUnit & { id: number; callSign: string }

/** Officers know a point that they visited in so many days. */
const KNOWN_DAYS = 60
const LOAD_DAYS = 7
const OVERDUE_HOURS = 24
/** Incidents of the last year of what is on record: imported registers end earlier than today. */
const INCIDENT_DAYS = 365

/** A shift with its station; null where there is none. */
export async function readShiftHead(tx: Tx, shiftId: number): Promise<ShiftHead | null> {
  const { rows } = await tx.execute<{
    precinct_id: number
    station_id: number
    band: ShiftHead['band']
    starts_at: Date
    ends_at: Date
    lon: number | null
    lat: number | null
  }>(sql`
    select s.precinct_id, s.station_id, s.band, s.starts_at, s.ends_at, st_x(o.position) as lon, st_y(o.position) as lat
    from shift s join organisation o on o.id = s.station_id where s.id = ${shiftId}`)
  const row = rows[0]
  if (row === undefined) return null
  return {
    id: shiftId,
    precinctId: row.precinct_id,
    stationId: row.station_id,
    band: row.band,
    startsAt: new Date(row.starts_at),
    endsAt: new Date(row.ends_at),
    station: row.lon === null || row.lat === null ? null : { lon: row.lon, lat: row.lat },
  }
}

/** Every point of a precinct: what its block of travel times is made of. */
export async function readBlock(db: Tx, precinctId: number): Promise<BlockPoint[]> {
  const { rows } = await db.execute<{ id: number; lon: number; lat: number }>(sql`
    select id, st_x(position) as lon, st_y(position) as lat from patrol_point
    where precinct_id = ${precinctId} and retired_at is null order by id`)
  return rows
}

/**
 * The station's points with what is known of them before the shift.
 * @param pointIds only these, from all over the precinct; empty: all of the station
 */
export async function readShiftPlaces(
  db: Db,
  shift: ShiftHead,
  pointIds: readonly number[],
  now: Date,
): Promise<ShiftPlace[]> {
  const [startsAt, endsAt] = [shift.startsAt.toISOString(), shift.endsAt.toISOString()]
  const { rows } = await db.execute<{
    id: number
    lon: number
    lat: number
    priority: number
    beat_id: number | null
    wanted_skills: string[]
    windows: { starts_at: string; ends_at: string; visits: number }[]
    overdue: boolean
    in_campaign: boolean
    seen_at: Date | null
    cell: string
  }>(sql`
    with chosen as materialized (
      select p.* from patrol_point p where p.retired_at is null and p.precinct_id = ${shift.precinctId}
        and ${pointIds.length === 0 ? sql`p.station_id = ${shift.stationId}` : sql`p.id = any(${sql.param([...pointIds])}::int[])`}
    )
    select p.id, st_x(p.position) as lon, st_y(p.position) as lat, p.priority, p.beat_id, p.wanted_skills,
      coalesce((
        select jsonb_agg(jsonb_build_object('starts_at', w.starts_at, 'ends_at', w.ends_at,
          'visits', w.required_count - w.done_count) order by w.starts_at)
        from patrol_window w where w.patrol_point_id = p.id and w.state in ('pending', 'open', 'grace')
          and w.starts_at < ${endsAt} and w.ends_at > ${startsAt}
      ), '[]') as windows,
      exists (
        select from patrol_window w where w.patrol_point_id = p.id and w.state in ('grace', 'missed')
          and w.ends_at between ${now.toISOString()}::timestamptz - make_interval(hours => ${OVERDUE_HOURS})
            and ${now.toISOString()}::timestamptz
      ) as overdue,
      exists (
        select from campaign c where c.id = p.campaign_id
          and (${startsAt}::timestamptz at time zone 'Asia/Taipei')::date between c.starts_on and c.ends_on
      ) as in_campaign,
      (
        select max(c.checked_in_at) from check_in c
        where c.patrol_point_id = p.id and c.verdict <> 'rejected' and c.checked_in_at <= ${now.toISOString()}
      ) as seen_at,
      p.h3_r9 as cell
    from chosen p order by p.id`)
  const incidents = await countAround(
    db,
    rows.map((row) => row.cell),
    hoursOf(shift),
    now,
  )
  return rows.map((row) => ({
    id: row.id,
    lon: row.lon,
    lat: row.lat,
    priority: row.priority,
    beatId: row.beat_id,
    wantedSkills: row.wanted_skills,
    windows: row.windows.flatMap((window) => {
      const opensAt = secondsFrom(shift.startsAt, window.starts_at)
      const closesAt = secondsFrom(shift.startsAt, window.ends_at)
      return window.visits > 0 ? [{ opensAt: Math.max(0, opensAt), closesAt, visits: window.visits }] : []
    }),
    overdue: row.overdue,
    inCampaign: row.in_campaign,
    hoursUnseen:
      row.seen_at === null ? null : (shift.startsAt.getTime() - new Date(row.seen_at).getTime()) / 3_600_000,
    incidents: incidents.get(row.cell) ?? 0,
  }))
}

/** Units of a shift that patrol (or those named), with what they are matched by. */
export async function readShiftUnits(
  tx: Tx,
  shift: ShiftHead,
  unitIds: readonly number[],
): Promise<ShiftUnitFacts[]> {
  const startsAt = shift.startsAt.toISOString()
  const { rows } = await tx.execute<{
    id: number
    call_sign: string
    mode: TravelMode
    skills: string[]
    beat_ids: number[]
    known: number[]
    hours: number
  }>(sql`
    select u.id, u.call_sign, u.mode,
      array(select distinct skill from unit_member m join officer o on o.id = m.officer_id, unnest(o.skills) skill
        where m.unit_id = u.id) as skills,
      array(select distinct g.organisation_id from unit_member m join role_grant g on g.officer_id = m.officer_id
        where m.unit_id = u.id and g.role = 'beat-officer') as beat_ids,
      array(select distinct c.patrol_point_id from unit_member m join check_in c on c.officer_id = m.officer_id
        where m.unit_id = u.id and c.patrol_point_id is not null and c.verdict <> 'rejected'
          and c.checked_in_at between ${startsAt}::timestamptz - make_interval(days => ${KNOWN_DAYS})
            and ${startsAt}::timestamptz) as known,
      coalesce((
        select sum(extract(epoch from s.ends_at - s.starts_at)) / 3600 / greatest(1, count(distinct m.officer_id))
        from unit_member m join unit_member other on other.officer_id = m.officer_id
          join unit worked on worked.id = other.unit_id join shift s on s.id = worked.shift_id
        where m.unit_id = u.id and s.ends_at <= ${startsAt}
          and s.starts_at >= ${startsAt}::timestamptz - make_interval(days => ${LOAD_DAYS})
      ), 0)::float8 as hours
    from unit u where u.shift_id = ${shift.id}
      and ${unitIds.length === 0 ? sql`u.duty_type = 'patrol'` : sql`u.id = any(${sql.param([...unitIds])}::int[])`}
    order by u.id`)
  return rows.map((row) => ({
    id: row.id,
    callSign: row.call_sign,
    mode: row.mode,
    skills: new Set(row.skills),
    beatIds: new Set(row.beat_ids),
    knownPointIds: new Set(row.known),
    loadHours: row.hours,
  }))
}

/** Incidents of a year in these hours of the day, in each cell and a seventh of those around it: thin cells borrow. */
async function countAround(
  tx: Tx,
  cells: readonly string[],
  hours: readonly number[],
  now: Date,
): Promise<Map<string, number>> {
  const around = new Map(cells.map((cell) => [cell, gridDisk(h3Of(cell), 1).map(storedCell)]))
  const all = [...new Set([...around.values()].flat())]
  const last = Math.floor(now.getTime() / 3_600_000) + 8
  const { rows } = await tx.execute<{ cell: string; n: number }>(sql`
    with latest as (
      select least(${last}::int, (select max(c.hours[array_upper(c.hours, 1)]) from incident_cell c)) as hour
    )
    select c.cell, count(*)::int as n from latest, incident_cell c, unnest(c.hours) as happened
    where c.cell = any(${sql.param(all)}::bigint[]) and happened <= latest.hour
      and happened > latest.hour - ${INCIDENT_DAYS * 24} and happened % 24 = any(${sql.param([...hours])}::int[])
    group by c.cell`)
  const counts = new Map(rows.map((row) => [row.cell, row.n]))
  return new Map(
    [...around].map(([cell, ring]) => [
      cell,
      ring.reduce((sum, each) => sum + (counts.get(each) ?? 0) * (each === cell ? 1 : 1 / 7), 0),
    ]),
  )
}

const secondsFrom = (start: Date, at: string | Date) => (new Date(at).getTime() - start.getTime()) / 1_000

/** The hours of the day, by the clock of Taipei, that the shift touches. */
function hoursOf({ startsAt, endsAt }: ShiftHead): number[] {
  const hours = new Set<number>()
  for (let at = startsAt.getTime(); at < endsAt.getTime(); at += 3_600_000)
    hours.add((Math.floor(at / 3_600_000) + 8) % 24)
  return [...hours]
}
