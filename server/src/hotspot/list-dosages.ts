import { sql, type SQL } from 'drizzle-orm'
import type { HotspotDosage, HotspotOutcome, Scope } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { h3Of } from './cell-index.ts'
import { compareChange } from './compare-periods.ts'
import { fewestCases } from './compute-map.ts'
import { countDoses, doseMs, restMs } from './find-visits.ts'
import { hourOfWeekOf } from './week-profile.ts'
import { precinctsOf } from './precincts-of.ts'
import { readVillages } from './read-villages.ts'
import { ofCategories, withinPeriod } from './read-counts.ts'

const dayMs = 86_400_000
const taipeiMs = 8 * 3_600_000
/** A year before and after is the most that is compared: cities change. */
const maxDays = 365

interface DosageRow extends Record<string, unknown> {
  id: number
  cell: string
  precinct_id: number
  station_id: number | null
  source: HotspotDosage['source']
  categories: string[]
  hours: number[] | null
  starts_on: string
  ends_on: string
  ended_at: Date | null
  visits: { arrived: number; left: number }[]
}

/** The hotspots that ask for visits, newest first, with the presence measured and what happened since. */
export async function listDosages(
  tx: Tx,
  { scope, now, only = sql`true` }: { scope: Scope; now: Date; only?: SQL },
): Promise<HotspotDosage[]> {
  const { rows } = await tx.execute<DosageRow>(sql`
    select d.id, d.cell::text as cell, d.precinct_id, d.station_id, d.source, d.categories, d.hours, d.starts_on::text,
      d.ends_on::text, d.ended_at, coalesce((
        select json_agg(json_build_object('arrived', extract(epoch from v.arrived_at) * 1000,
          'left', extract(epoch from v.left_at) * 1000) order by v.arrived_at)
        from hotspot_visit v where v.dosage_id = d.id), '[]') as visits
    from hotspot_dosage d where ${precinctsOf(scope, sql`d.precinct_id`)} and ${only}
    order by d.ordered_at desc limit 200`)
  const villages = await readVillages(
    tx,
    rows.map(({ cell }) => h3Of(cell)),
  )
  const dosages: HotspotDosage[] = []
  for (const row of rows) {
    const dosage = readDosage(row, now)
    const village = villages.get(dosage.cell) ?? null
    dosages.push({ ...dosage, village, outcome: await readOutcome(tx, row, now) })
  }
  return dosages
}

function readDosage(row: DosageRow, now: Date): Omit<HotspotDosage, 'outcome' | 'village'> {
  const visits = row.visits.map(({ arrived, left }) => ({ arrivedMs: arrived, leftMs: left }))
  const last = visits.reduce((latest, { leftMs }) => Math.max(latest, leftMs), -Infinity)
  const today = dayOf(now.getTime())
  const hour = hourOfWeekOf(Math.floor((now.getTime() + taipeiMs) / 3_600_000))
  return {
    id: row.id,
    cell: h3Of(row.cell),
    precinctId: row.precinct_id,
    stationId: row.station_id,
    source: row.source,
    categories: row.categories,
    hours: row.hours,
    startsOn: row.starts_on,
    endsOn: row.ends_on,
    endedAt: row.ended_at === null ? null : new Date(row.ended_at).toISOString(),
    doses: countDoses(visits),
    shortVisits: visits.filter(({ arrivedMs, leftMs }) => leftMs - arrivedMs < doseMs).length,
    minutes: visits.reduce((sum, { arrivedMs, leftMs }) => sum + leftMs - arrivedMs, 0) / 60_000,
    lastVisitAt: last === -Infinity ? null : new Date(last).toISOString(),
    wantsVisit:
      row.ended_at === null &&
      row.starts_on <= today &&
      today <= row.ends_on &&
      (row.hours === null || row.hours.includes(hour)) &&
      now.getTime() - last > restMs,
  }
}

/** As many whole days before the first as there are since; null before one is over. */
async function readOutcome(tx: Tx, row: DosageRow, now: Date): Promise<HotspotOutcome | null> {
  const start = Date.parse(row.starts_on)
  const over = Math.min(
    Date.parse(row.ends_on) + dayMs,
    row.ended_at === null ? Infinity : Date.parse(dayOf(new Date(row.ended_at).getTime())),
    Date.parse(dayOf(now.getTime())),
  )
  const days = Math.min(maxDays, Math.floor((over - start) / dayMs))
  if (days < 1) return null
  const count = async (from: number, to: number) => {
    const period = { from: isoDay(from), to: isoDay(to), hours: row.hours }
    const { rows } = await tx.execute<{ own: number; around: number }>(sql`
      select count(*) filter (where k.cell = ${row.cell}::bigint)::int as own,
        count(*) filter (where k.cell <> ${row.cell}::bigint)::int as around
      from incident_cell k join study_cell s using (cell) cross join lateral unnest(k.hours) h
      where ${ofCategories(row)} and ${withinPeriod(period)} and s.precinct_id = ${row.precinct_id}`)
    return rows[0] ?? { own: 0, around: 0 }
  }
  const before = await count(start - days * dayMs, start - dayMs)
  const after = await count(start, start + (days - 1) * dayMs)
  const told = (cases: number) => (cases >= fewestCases ? cases : null)
  return {
    days,
    before: told(before.own),
    after: told(after.own),
    precinctBefore: before.around,
    precinctAfter: after.around,
    ...compareChange(
      { before: before.own, after: after.own },
      { before: before.around, after: after.around },
    ),
  }
}

const isoDay = (ms: number) => new Date(ms).toISOString().slice(0, 10)
/** The day in Asia/Taipei of an instant. */
const dayOf = (ms: number) => isoDay(ms + taipeiMs)
