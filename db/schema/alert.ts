import { sql } from 'drizzle-orm'
import { index, integer, jsonb, pgTable, smallint, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core'

/** Asks for a timely human action. One open row per dedup key; more of the same raises its count. */
export const alert = pgTable(
  'alert',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    kind: text().notNull(),
    dedupKey: text().notNull(),
    /** 1 act now, 2 act soon, 3 look when free. */
    priority: smallint().notNull(),
    state: text({
      enum: ['unack', 'ack', 'rtn-unack', 'shelved', 'suppressed', 'out-of-service', 'closed'],
    })
      .notNull()
      .default('unack'),
    precinctId: integer(),
    stationId: integer(),
    /** What the sentence on screen is made of: names, counts, ids. Never personal data beyond a call sign. */
    subject: jsonb().notNull(),
    count: integer().notNull().default(1),
    raisedAt: timestamp({ withTimezone: true }).notNull(),
    changedAt: timestamp({ withTimezone: true }).notNull(),
    acknowledgedBy: integer(),
    acknowledgedAt: timestamp({ withTimezone: true }),
    closedAt: timestamp({ withTimezone: true }),
  },
  (table) => [
    uniqueIndex('alert_open_dedup')
      .on(table.dedupKey)
      .where(sql`${table.closedAt} is null`),
    index().on(table.precinctId, table.raisedAt),
  ],
)
