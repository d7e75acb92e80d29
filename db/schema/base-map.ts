import { bigint, boolean, index, integer, pgTable, real, smallint, text } from 'drizzle-orm/pg-core'
import { lineGeometry, multiPolygonGeometry } from './geometry.ts'
import { importBatch } from './import-batch.ts'

/** Districts and villages (里) of the base map. */
export const area = pgTable(
  'area',
  {
    /** TOWNCODE or VILLCODE. */
    code: text().primaryKey(),
    kind: text({ enum: ['district', 'village'] }).notNull(),
    districtCode: text().notNull(),
    name: text().notNull(),
    nameEn: text(),
    shape: multiPolygonGeometry().notNull(),
  },
  (table) => [index('area_shape_gist').using('gist', table.shape)],
)

/** Roads: drawn on the base map, driven by the simulator, searched by the route planner. */
export const road = pgTable(
  'road',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    wayId: bigint({ mode: 'number' }).notNull(),
    fromNode: bigint({ mode: 'number' }).notNull(),
    toNode: bigint({ mode: 'number' }).notNull(),
    name: text(),
    /** OSM highway class. */
    roadClass: text().notNull(),
    oneway: boolean().notNull(),
    lengthMeters: real().notNull(),
    speedLimitKph: smallint(),
    line: lineGeometry().notNull(),
    importBatchId: integer().references(() => importBatch.id),
  },
  (table) => [index('road_line_gist').using('gist', table.line)],
)
