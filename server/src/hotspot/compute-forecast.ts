import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { cellArea, cellToParent } from 'h3-js'
import type { HotspotForecastInput, HotspotTrackRecord } from '@patrol/contract'
import { inTransaction, type Db } from '@patrol/db'
import { realAt } from '../route/typed-array.ts'
import { backtest } from './backtest.ts'
import { h3Of, storedCell } from './cell-index.ts'
import { createForecaster } from './forecast.ts'
import { locateIncidents } from './forecast/locate-incidents.ts'
import { sortIncidents, type IncidentPoints } from './incident-points.ts'
import { readDataVersion } from './read-counts.ts'
import { studyResolution } from './study-area.ts'

/** The share of the city that is foretold, and the shares of which the track record tells. */
const foretoldShare = 0.01
const toldShares = [0.01, 0.05, 0.1]
/** The city keeps UTC+8 the whole year. */
const taipeiMs = 8 * 3_600_000
const dayMs = 86_400_000
/** Older cases say little of next month, and a decade of calls would take minutes. */
const historyDays = 5 * 365

/**
 * Foretells where the next days will see incidents, and measures how forecasts made the same way did in the last windows. The
 * model is chosen anew each time, from the data there are.
 * @throws when there are too few incidents to choose and judge a model
 */
export async function computeHotspotForecast(
  db: Db,
  input: HotspotForecastInput,
  { now, report }: { now: Date; report(progress: number, note?: string): void },
): Promise<{ forecastId: number }> {
  const { source, categories, horizonDays, folds } = input
  report(0.02, 'reading')
  const { version, through } = await readDataVersion(db, source)
  const key = createHash('sha256')
    .update(JSON.stringify([input, version]))
    .digest('hex')
  const known = await db.execute<{ id: number }>(sql`select id from hotspot_forecast where key = ${key}`)
  if (known.rows[0] !== undefined) return { forecastId: known.rows[0].id }

  const study = await readStudyArea(db)
  const points = await readPoints(db, input)
  const lastDay = Math.floor(points.days.at(-1) ?? 0)
  const span = lastDay - Math.floor(points.days[0] ?? 0)
  if (points.days.length < 100 || span < horizonDays * (folds + 1)) {
    throw new Error(
      `Too few incidents to judge a forecast: ${points.days.length} in ${span} days. / 案件太少，無法驗證預測。`,
    )
  }
  const areaKm2 = study.areaKm2 * foretoldShare
  const options = { horizonDays, areaKm2, cityKm2: study.areaKm2, folds, shares: toldShares }
  const run = backtest(points, options)
  let events = 0
  let record: HotspotTrackRecord | null = null
  for (let at = 1; record === null; at++) {
    const step = run.next()
    if (step.done) {
      const { pai, pei, interval90, hitRateAtShare } = step.value
      record = {
        folds,
        horizonDays,
        from: dayOf(lastDay + 1 - folds * horizonDays),
        to: dayOf(lastDay),
        events,
        pai,
        pei,
        interval90,
        hitRates: hitRateAtShare,
      }
    } else {
      events += step.value.events
      report(0.05 + (0.8 * at) / folds, `window ${at}/${folds}`)
    }
  }

  report(0.88, 'forecast')
  const located = locateIncidents(points)
  const forecast = createForecaster(located, horizonDays, areaKm2)(lastDay + 1)
  const cells = [...forecast.cells].map((at) => ({
    cell: located.cells[at] ?? '',
    score: realAt(forecast.scores, at),
  }))
  return inTransaction(db, async (tx) => {
    const made = await tx.execute<{ id: number }>(sql`
      insert into hotspot_forecast (key, source, categories, period_from, period_to, cases, area_km2, city_km2, model,
        track_record, data_through, computed_at)
      values (${key}, ${source}, ${sql.param(categories)}::text[], ${dayOf(lastDay + 1)}, ${dayOf(lastDay + horizonDays)},
        ${points.days.length}, ${areaKm2}, ${study.areaKm2}, ${JSON.stringify(forecast.model)}::jsonb,
        ${JSON.stringify(record)}::jsonb, ${through?.toISOString() ?? null}, ${now.toISOString()})
      on conflict (key) do update set key = excluded.key returning id`)
    const forecastId = made.rows[0]?.id
    if (forecastId === undefined) throw new Error('No forecast was made.')
    await tx.$client.query(
      `insert into hotspot_forecast_cell (forecast_id, rank, cell, precinct_id, score)
       select $1, * from unnest($2::int[], $3::bigint[], $4::int[], $5::real[]) on conflict do nothing`,
      [
        forecastId,
        cells.map((_, at) => at + 1),
        cells.map(({ cell }) => storedCell(cell)),
        cells.map(({ cell }) => study.precinctOf.get(cellToParent(cell, studyResolution)) ?? null),
        cells.map(({ score }) => score),
      ],
    )
    return { forecastId }
  })
}

async function readPoints(db: Db, { source, categories }: HotspotForecastInput): Promise<IncidentPoints> {
  const { rows } = await db.$client.query<{ at: number; lon: number; lat: number }>(
    `select extract(epoch from i.occurred_at)::float8 * 1000 as at, st_x(i.position) as lon, st_y(i.position) as lat
     from incident i join study_cell s on s.cell = i.h3_r9
     where i.source = $1 and (cardinality($2::text[]) = 0 or i.category = any($2::text[]))
       and i.occurred_at > (select max(occurred_at) from incident where source = $1) - make_interval(days => $3)`,
    [source, categories, historyDays],
  )
  return sortIncidents({
    days: Float64Array.from(rows, ({ at }) => (at + taipeiMs) / dayMs),
    lons: Float64Array.from(rows, ({ lon }) => lon),
    lats: Float64Array.from(rows, ({ lat }) => lat),
  })
}

async function readStudyArea(db: Db): Promise<{ areaKm2: number; precinctOf: Map<string, number> }> {
  const { rows } = await db.execute<{ cell: string; precinct_id: number }>(
    sql`select cell::text as cell, precinct_id from study_cell`,
  )
  const precinctOf = new Map(rows.map(({ cell, precinct_id }) => [h3Of(cell), precinct_id]))
  const areaKm2 = [...precinctOf.keys()].reduce((sum, cell) => sum + cellArea(cell, 'km2'), 0)
  return { areaKm2, precinctOf }
}

function dayOf(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10)
}
