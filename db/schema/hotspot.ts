import {
  bigint,
  date,
  doublePrecision,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'

/** An H3 cell with its count and Gi* score for a category and a stated period. */
export const hotspot = pgTable(
  'hotspot',
  {
    source: text().notNull(),
    category: text().notNull(),
    periodFrom: date({ mode: 'string' }).notNull(),
    periodTo: date({ mode: 'string' }).notNull(),
    resolution: smallint().notNull(),
    cell: bigint({ mode: 'bigint' }).notNull(),
    precinctId: integer(),
    count: integer().notNull(),
    z: doublePrecision(),
    p: doublePrecision(),
    computedAt: timestamp({ withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({
      columns: [table.source, table.category, table.periodFrom, table.periodTo, table.resolution, table.cell],
    }),
  ],
)
