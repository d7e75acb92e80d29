import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { connect, road, type Db } from '@patrol/db'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runImport } from '../src/import/run-import.ts'
import { readRoadGraph } from '../src/route/travel-time/read-road-graph.ts'
import { travelSeconds } from '../src/route/travel-time/travel-times.ts'
import { freshDatabase, type FreshDatabase } from './fresh-database.ts'

const roads = join(import.meta.dirname, '../../../shared/data/tainan-osm-roads')
const noon = new Date('2026-11-23T04:00:00Z')
const car = { mode: 'car', at: noon } as const

let database: FreshDatabase
let db: Db
beforeAll(async () => {
  database = await freshDatabase()
  db = connect(database.databaseUrl, { name: 'travel times test' })
})
afterAll(async () => {
  await db.$client.end()
  await database.drop()
})

const kilometre = 1 / 102.3

test('without roads it is an estimate; once they are imported they are used', async () => {
  const [a, b] = [
    { lon: 120.2, lat: 23 },
    { lon: 120.2 + 2 * kilometre, lat: 23 },
  ]
  expect(await readRoadGraph(db)).toBeNull()
  expect((await travelSeconds(db, a, [b], car)).source).toBe('estimate')
  await db.insert(road).values({
    wayId: 1,
    fromNode: 1,
    toNode: 2,
    roadClass: 'primary',
    oneway: false,
    lengthMeters: 3_000,
    speedLimitKph: 48,
    line: JSON.stringify({
      type: 'LineString',
      coordinates: [
        [a.lon, a.lat],
        [a.lon + kilometre, a.lat + kilometre],
        [b.lon, b.lat],
      ],
    }),
  })
  const { seconds, source } = await travelSeconds(db, a, [b], car)
  expect(source).toBe('road-graph')
  // 3 km at three quarters of 48 km/h; the corner in the middle counts by the length of the line.
  expect(seconds[0]).toBeCloseTo(300, 0)
  expect(await readRoadGraph(db)).toBe(await readRoadGraph(db))
})

test.skipIf(!existsSync(roads))(
  'on the roads of Tainan nobody drives through the mouth of the Zengwen (skipped where ../shared has no roads)',
  async () => {
    await db.execute(sql`truncate road`)
    await runImport(db, 'roads', [join(roads, 'edges.csv'), join(roads, 'nodes.csv')], {
      dryRun: false,
      source: 'test',
      keyVersion: 1,
    })
    // Two kilometres across the water below the Guosheng bridge.
    const [south, north] = [
      { lon: 120.1164, lat: 23.1022 },
      { lon: 120.1002, lat: 23.1138 },
    ]
    const { seconds, source, estimated } = await travelSeconds(db, south, [north], car)
    const estimate = await travelSeconds(null, south, [north], car)
    expect({ source, estimated }).toEqual({ source: 'road-graph', estimated: 0 })
    expect(seconds[0]).toBeGreaterThan(3 * (estimate.seconds[0] ?? Infinity))
  },
)
