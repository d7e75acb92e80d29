import { index, integer, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { officer } from './officer.ts'

/** 交接: what one duty officer leaves to the next, signed by both. */
export const handover = pgTable(
  'handover',
  {
    /** Made by the console. */
    id: uuid().primaryKey(),
    /** Of the desk that is handed over; both null for the whole city. */
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
  },
  (table) => [index().on(table.leftAt)],
)
