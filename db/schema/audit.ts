import { bigint, index, integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core'

/** Who did or looked at what. Append only. */
export const audit = pgTable(
  'audit',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    at: timestamp({ withTimezone: true }).notNull().defaultNow(),
    officerId: integer(),
    action: text().notNull(),
    subject: text().notNull(),
    precinctId: integer(),
    details: jsonb(),
  },
  (table) => [index().on(table.at), index().on(table.officerId, table.at), index().on(table.subject)],
)
