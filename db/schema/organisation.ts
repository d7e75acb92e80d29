import { integer, index, pgTable, text, type AnyPgColumn } from 'drizzle-orm/pg-core'
import { multiPolygonGeometry, pointGeometry } from './geometry.ts'

/** The tree department → precinct → station → beat. Every scoped row carries `precinctId` and `stationId`. */
export const organisation = pgTable(
  'organisation',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    kind: text({ enum: ['department', 'precinct', 'station', 'beat'] }).notNull(),
    parentId: integer().references((): AnyPgColumn => organisation.id),
    /** The precinct this belongs to; of a precinct itself its own id, of the department null. */
    precinctId: integer(),
    /** The station this belongs to; of a station itself its own id. */
    stationId: integer(),
    /** Stable short key, such as `P01` or `P01-S03`. */
    code: text().notNull().unique(),
    name: text().notNull(),
    nameEn: text().notNull(),
    position: pointGeometry(),
    area: multiPolygonGeometry(),
  },
  (table) => [index().on(table.parentId), index('organisation_area_gist').using('gist', table.area)],
)
