import { sql } from 'drizzle-orm'
import type { IncidentSource, JobKind } from '@patrol/contract'
import type { Db } from '@patrol/db'
import { startJob } from './start-job.ts'

const city = { precinctId: null, stationId: null }
/** Below this a forecast could neither be made nor judged. */
const fewestCases = 1_000
/** Days that the general map counts. */
const generalDays = 90
/** Which incidents the general map is of: the first of these that there are. Calls say most of what patrols meet. */
const generalSources: readonly IncidentSource[] = ['110', 'crime', 'traffic', '1999']

/**
 * Asks for what keeps hotspots fresh: once a day the study area, a full count and the general map, and a forecast per source
 * once a week, sooner when the data have grown by a twentieth: its model is chosen anew each time. A new city's first map and
 * forecast wait for its study area. What failed or was cancelled is left alone for a while. Maps that nobody will look at
 * again go.
 */
export async function refreshHotspots(db: Db): Promise<void> {
  const { rows } = await db.execute<{ day: string; week: string; studied: boolean }>(sql`
    select to_char(city_now() at time zone 'Asia/Taipei', 'YYYY-MM-DD') as day,
      to_char(city_now() at time zone 'Asia/Taipei', 'IYYY-IW') as week,
      exists (select from study_cell) as studied`)
  const { day = '', week = '', studied = false } = rows[0] ?? {}
  const resting = await listResting(db)
  const order = async (kind: JobKind, key: string, input: { source?: IncidentSource } & object) =>
    resting.has(`${kind} ${input.source ?? ''}`)
      ? null
      : startJob(db, { kind, input, key, place: city, requestedBy: null })

  await order('hotspots:rebuild', day, {})
  if (studied) {
    const cases = await countCases(db)
    const source = generalSources.find((each) => cases.has(each))
    if (source !== undefined)
      await order('hotspots:map', `general ${day}`, await describeGeneralMap(db, source))
    for (const [each, count] of cases) {
      if (count < fewestCases) continue
      const grown = Math.floor(Math.log(count) / Math.log(1.05))
      const input = { source: each, categories: [], horizonDays: 30, folds: 6 }
      const job = await order('hotspots:forecast', `${each} ${week} ${grown}`, input)
      // One after the other: a forecast takes minutes, and somebody may want the other thread.
      if (job?.state === 'queued' || job?.state === 'running') break
    }
  }
  await db.execute(sql`delete from hotspot_map where computed_at < city_now() - interval '60 days'`)
  // Their answers went with them: asked again, they are to be made again.
  await db.execute(sql`delete from job where finished_at < city_now() - interval '60 days'`)
}

/** What a timer asked for and did not get, as `kind source`: it would fail again at once, or somebody wants the machine back. */
async function listResting(db: Db): Promise<Set<string>> {
  const { rows } = await db.execute<{ what: string }>(sql`
    select distinct kind || ' ' || coalesce(input->>'source', '') as what from job
    where requested_by is null and state in ('failed', 'cancelled') and requested_at > city_now()
      - case kind when 'hotspots:rebuild' then interval '1 hour' else interval '1 day' end`)
  return new Set(rows.map(({ what }) => what))
}

async function countCases(db: Db): Promise<Map<IncidentSource, number>> {
  const { rows } = await db.execute<{ source: IncidentSource; cases: number }>(
    sql`select source, sum(cardinality(hours))::int as cases from incident_cell group by source order by source`,
  )
  return new Map(rows.map(({ source, cases }) => [source, cases]))
}

/** All categories and hours of the last days of which there are data. */
async function describeGeneralMap(db: Db, source: IncidentSource) {
  const { rows } = await db.execute<{ from: string; to: string }>(sql`
    select (last - ${generalDays - 1}::int)::text as from, last::text as to
    from (select (max(occurred_at) at time zone 'Asia/Taipei')::date as last from incident where source = ${source}) data`)
  const { from = '', to = '' } = rows[0] ?? {}
  return { source, categories: [], from, to, resolution: 9, hours: null, permutations: 0 }
}
