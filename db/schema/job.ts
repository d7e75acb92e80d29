import { sql } from 'drizzle-orm'
import {
  index,
  integer,
  jsonb,
  pgTable,
  real,
  smallint,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core'

/** Heavy work that somebody asked for: the record of it. What Redis knows of a job can be made again from here. */
export const job = pgTable(
  'job',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    kind: text().notNull(),
    /** Asked for again while it waits, runs or is done, the same key is the same job. */
    key: text().notNull(),
    input: jsonb().notNull(),
    /** The same input and seed give the same answer. */
    seed: integer().notNull(),
    state: text({ enum: ['queued', 'running', 'done', 'failed', 'cancelled'] })
      .notNull()
      .default('queued'),
    /** 0 to 1. */
    progress: real().notNull().default(0),
    /** What it is at, for people. */
    note: text(),
    /** Where the answer lies, or the answer itself where it is small. */
    result: jsonb(),
    error: text(),
    /** Whose screens see it. Both null: those of the whole city only. */
    precinctId: integer(),
    stationId: integer(),
    requestedBy: integer(),
    requestedAt: timestamp({ withTimezone: true }).notNull(),
    startedAt: timestamp({ withTimezone: true }),
    finishedAt: timestamp({ withTimezone: true }),
    /** How often it was begun: one that ends its worker each time is given up. */
    attempt: smallint().notNull().default(0),
    /** Last sign of life of whoever runs it, by the database's real clock. */
    aliveAt: timestamp({ withTimezone: true }),
  },
  (table) => [
    uniqueIndex('job_key_standing')
      .on(table.key)
      .where(sql`${table.state} in ('queued', 'running', 'done')`),
    // Looked at every few seconds; those that ended are not in it.
    index('job_unfinished')
      .on(table.state, table.id)
      .where(sql`${table.state} in ('queued', 'running')`),
    index().on(table.requestedAt),
  ],
)
