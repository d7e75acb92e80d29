import { index, integer, pgTable, primaryKey, timestamp } from 'drizzle-orm/pg-core'

/** The wall's numbers, sampled every ten minutes per station: what sparklines and "usual" bands are drawn from. */
export const figure = pgTable(
  'figure',
  {
    at: timestamp({ withTimezone: true }).notNull(),
    stationId: integer().notNull(),
    precinctId: integer().notNull(),
    /** Units whose last position is less than ten minutes old. */
    unitsOnline: integer().notNull(),
    /** Windows of the day that have begun, and that are done. */
    due: integer().notNull(),
    done: integer().notNull(),
    /** Overdue or missed and not decided. */
    overdue: integer().notNull(),
    /** Check-ins received in the ten minutes before. */
    checkIns: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.at, table.stationId] }), index().on(table.precinctId, table.at)],
)
