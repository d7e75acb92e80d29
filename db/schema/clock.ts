import { check, doublePrecision, pgTable, smallint, timestamp } from 'drizzle-orm/pg-core'
import { sql } from 'drizzle-orm'

/**
 * The city's clock. Absent in real operation, where `city_now()` is the database's `clock_timestamp()`.
 * A demonstration at 60× has one row: everything reads the time here, so fast time is the same everywhere.
 */
export const clock = pgTable(
  'clock',
  {
    id: smallint().primaryKey().default(1),
    /** Real time at which … */
    realAt: timestamp({ withTimezone: true }).notNull(),
    /** … the city's clock showed this, … */
    cityAt: timestamp({ withTimezone: true }).notNull(),
    /** … and runs this much faster. */
    speed: doublePrecision().notNull(),
  },
  (table) => [
    check('clock_single', sql`${table.id} = 1`),
    check('clock_speed', sql`${table.speed} between 1 and 60`),
  ],
)
