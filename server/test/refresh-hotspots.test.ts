import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, type Db } from '@patrol/db'
import { refreshHotspots } from '../src/jobs/refresh-hotspots.ts'
import { freshDatabase, type FreshDatabase } from './fresh-database.ts'

let fresh: FreshDatabase
let db: Db
beforeAll(async () => {
  fresh = await freshDatabase()
  db = connect(fresh.databaseUrl)
})
afterAll(async () => {
  await db.$client.end()
  await fresh.drop()
})

async function listJobs(): Promise<string[]> {
  const { rows } = await db.$client.query<{ job: string }>(
    `select kind || ' ' || coalesce(input->>'source', '') || ' ' || state as job from job order by id`,
  )
  return rows.map(({ job }) => job.replaceAll(/ +/g, ' '))
}
const end = (state: string) => db.$client.query('update job set state = $1', [state])

test('a new city gets its study area first, then the general map and one forecast at a time; what failed rests', async () => {
  await db.$client.query(
    `insert into incident_cell (source, category, cell, hours)
     select source, '竊盜', 1, array(select generate_series(1, 1200)) from unnest(array['110', 'crime']) as source`,
  )
  await db.$client.query(
    `insert into incident (source, external_id, category, occurred_at, position, h3_r8, h3_r9, h3_r10)
     values ('110', '1', '竊盜', '2026-11-22T20:00:00Z', st_setsrid(st_makepoint(120.2, 23), 4326), 1, 1, 1)`,
  )
  await refreshHotspots(db)
  await refreshHotspots(db)
  expect(await listJobs()).toEqual(['hotspots:rebuild queued'])

  // A rebuild that fails would fail again a minute later, and one that somebody stopped is not wanted.
  await end('failed')
  await refreshHotspots(db)
  expect(await listJobs()).toEqual(['hotspots:rebuild failed'])
  await db.$client.query(`update job set requested_at = requested_at - interval '61 minutes'`)
  await refreshHotspots(db)
  expect(await listJobs()).toEqual(['hotspots:rebuild failed', 'hotspots:rebuild queued'])

  await db.$client.query('delete from job')
  await db.$client.query('insert into study_cell (cell, precinct_id, lon, lat) values (1, 1, 120.2, 23)')
  await refreshHotspots(db)
  expect(await listJobs()).toEqual([
    'hotspots:rebuild queued',
    'hotspots:map 110 queued',
    'hotspots:forecast 110 queued',
  ])
  const { rows } = await db.$client.query(`select input->>'from' as from, input->>'to' as to from job
    where kind = 'hotspots:map'`)
  // The ninety days up to the last incident, by the calendar of Taipei.
  expect(rows).toEqual([{ from: '2026-08-26', to: '2026-11-23' }])

  await end('cancelled')
  await refreshHotspots(db)
  expect((await listJobs()).slice(3)).toEqual(['hotspots:forecast crime queued'])
})
