import { bigint, index, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'

/**
 * The city's numbers, sampled every ten minutes per station: what sparklines and "usual" bands are drawn from. What each
 * means is said once, in server/src/report/figures.ts.
 */
export const figure = pgTable(
  'figure',
  {
    at: timestamp({ withTimezone: true }).notNull(),
    stationId: integer().notNull(),
    precinctId: integer().notNull(),
    /** Units on duty whose last position is less than ten minutes old. */
    unitsOnline: integer().notNull(),
    /** Windows of the day that have begun, and that are done. */
    due: integer().notNull(),
    done: integer().notNull(),
    /** Overdue or missed and not decided. */
    overdue: integer().notNull(),
    /** Check-ins received in the ten minutes before. */
    checkIns: integer().notNull(),
    /** Windows of the day whose grace is over, and those of them that were signed in time. Null before they were counted. */
    ended: integer(),
    onTime: integer(),
    /** Patrol points, and those of them with police nearby within the last hour. */
    points: integer(),
    seenPoints: integer(),
    /** Routes on the street, and those of them with a point overdue. */
    routes: integer(),
    overdueRoutes: integer(),
  },
  (table) => [primaryKey({ columns: [table.at, table.stationId] }), index().on(table.precinctId, table.at)],
)

/** When a unit was last within an area: an H3 cell of resolution 8 (`cell:…`) or a district (`district:…`). */
export const presence = pgTable(
  'presence',
  {
    area: text().primaryKey(),
    /** The cell as signed bigint; null for a district. */
    cell: bigint({ mode: 'bigint' }),
    /** Null: none since it is watched. */
    lastUnitAt: timestamp({ withTimezone: true }),
    watchedSince: timestamp({ withTimezone: true }).notNull(),
  },
  (table) => [index().on(table.cell)],
)
