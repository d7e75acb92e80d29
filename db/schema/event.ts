import {
  bigint,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  smallint,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core'
import { sql } from 'drizzle-orm'

const instant = () => timestamp({ withTimezone: true, precision: 3 })

/** Written in the same transaction as the rows it tells of; emptied by the relay. */
export const outbox = pgTable('outbox', {
  id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  eventId: uuid().notNull().defaultRandom(),
  type: text().notNull(),
  precinctId: integer(),
  stationId: integer(),
  at: instant().notNull(),
  data: jsonb().notNull(),
})

/** The last position given. One row. */
export const eventHead = pgTable(
  'event_head',
  {
    id: smallint().primaryKey().default(1),
    pos: bigint({ mode: 'number' }).notNull().default(0),
  },
  (table) => [check('event_head_single', sql`${table.id} = 1`)],
)

/**
 * The gapless log. Partitioned by ranges of `pos` (the migration says how): so the database itself holds `pos`
 * unique, a catch-up reads one or two partitions, and old ones are dropped whole.
 */
export const event = pgTable(
  'event',
  {
    pos: bigint({ mode: 'number' }).primaryKey(),
    eventId: uuid().notNull(),
    type: text().notNull(),
    precinctId: integer(),
    stationId: integer(),
    at: instant().notNull(),
    data: jsonb().notNull(),
  },
  (table) => [
    index().on(table.precinctId, table.pos),
    index().on(table.at),
    // The playback asks what the log last said of each alert and incident: few among many check-ins and windows.
    index('event_alert_incident')
      .on(table.at)
      .where(sql`split_part(${table.type}, ':', 1) in ('alert', 'incident')`),
  ],
)
