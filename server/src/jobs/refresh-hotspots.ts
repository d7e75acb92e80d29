import { sql } from 'drizzle-orm'
import type { IncidentSource } from '@patrol/contract'
import type { Db } from '@patrol/db'
import { startJob } from './start-job.ts'

const city = { precinctId: null, stationId: null }

/**
 * Asks for what keeps hotspots fresh: the study area and a full count once a day, and a forecast per source once a week, sooner
 * when the data have grown by a twentieth: its model is chosen anew each time. A new city's first forecast waits for its study
 * area. Maps that nobody will look at again go.
 */
export async function refreshHotspots(db: Db): Promise<void> {
  const { rows } = await db.execute<{ day: string; week: string }>(sql`
    select to_char(city_now() at time zone 'Asia/Taipei', 'YYYY-MM-DD') as day,
      to_char(city_now() at time zone 'Asia/Taipei', 'IYYY-IW') as week`)
  const { day = '', week = '' } = rows[0] ?? {}
  await startJob(db, { kind: 'hotspots:rebuild', input: {}, key: day, place: city, requestedBy: null })
  const { rows: sources } = await db.execute<{ source: IncidentSource; cases: number }>(sql`
    select source, sum(cardinality(hours))::int as cases from incident_cell
    where exists (select from study_cell) and not exists (select from job where kind = 'hotspots:forecast' and state = 'failed'
      and input->>'source' = source and requested_at > city_now() - interval '1 day')
    group by source
    having not exists (select from job where kind = 'hotspots:forecast' and state in ('queued', 'running'))
    order by source`)
  for (const { source, cases } of sources) {
    if (cases < 1_000) continue
    const grown = Math.floor(Math.log(cases) / Math.log(1.05))
    const input = { source, categories: [], horizonDays: 30, folds: 6 }
    const key = `${source} ${week} ${grown}`
    const job = await startJob(db, { kind: 'hotspots:forecast', input, key, place: city, requestedBy: null })
    // One after the other: a forecast takes minutes, and somebody may want the other thread.
    if (job.state === 'queued') break
  }
  await db.execute(sql`delete from hotspot_map where computed_at < city_now() - interval '60 days'`)
  // Their answers went with them: asked again, they are to be made again.
  await db.execute(sql`delete from job where finished_at < city_now() - interval '60 days'`)
}
