import { sql } from 'drizzle-orm'
import { index, integer, jsonb, pgTable, text, timestamp, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { officer } from './officer.ts'

/**
 * 交接: what one duty officer leaves to the next, signed by both. Immutable: a trigger (migration handover-signatures) lets the
 * second signature in once, and nothing else.
 */
export const handover = pgTable(
  'handover',
  {
    /** Made by the console. */
    id: uuid().primaryKey(),
    /** Of the desk that is handed over; both null for the whole city, station null for a precinct. */
    precinctId: integer(),
    stationId: integer(),
    notes: text().notNull(),
    /** Alerts, shelved items and orders that were open when the first signed. */
    contents: jsonb().notNull(),
    leavingId: integer()
      .notNull()
      .references(() => officer.id),
    leftAt: timestamp({ withTimezone: true }).notNull(),
    takingId: integer().references(() => officer.id),
    takenAt: timestamp({ withTimezone: true }),
    /** What whoever takes over adds, such as what they found otherwise. */
    takingNotes: text(),
  },
  (table) => [
    index().on(table.leftAt),
    // A desk waits for one person at a time.
    uniqueIndex('handover_waiting')
      .on(sql`coalesce(${table.precinctId}, 0)`, sql`coalesce(${table.stationId}, 0)`)
      .where(sql`${table.takenAt} is null`),
  ],
)
