import {
  bigint,
  index,
  integer,
  jsonb,
  pgTable,
  smallint,
  text,
  timestamp,
  unique,
} from 'drizzle-orm/pg-core'
import { pointGeometry } from './geometry.ts'
import { importBatch } from './import-batch.ts'
import { officer } from './officer.ts'

/** 110 calls, crime, traffic accidents, 1999 cases: what happened, where and when. */
export const incident = pgTable(
  'incident',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    source: text({ enum: ['110', 'crime', 'traffic', '1999'] }).notNull(),
    externalId: text().notNull(),
    category: text().notNull(),
    subtype: text(),
    /** 1 urgent, 2 normal, 3 low. */
    priority: smallint().notNull().default(2),
    occurredAt: timestamp({ withTimezone: true }).notNull(),
    position: pointGeometry().notNull(),
    address: text(),
    precinctId: integer(),
    stationId: integer(),
    h3R8: bigint('h3_r8', { mode: 'bigint' }).notNull(),
    h3R9: bigint('h3_r9', { mode: 'bigint' }).notNull(),
    h3R10: bigint('h3_r10', { mode: 'bigint' }).notNull(),
    status: text({ enum: ['open', 'dispatched', 'closed'] })
      .notNull()
      .default('closed'),
    /** Closed by a person without a unit, and why; null where its orders closed it. */
    closedBy: integer().references(() => officer.id),
    closedReason: text(),
    details: jsonb(),
    importBatchId: integer().references(() => importBatch.id),
    receivedAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    unique().on(table.source, table.externalId),
    index().on(table.source, table.occurredAt),
    index().on(table.precinctId, table.occurredAt),
    // What happened lately around a point: its cell and the six beside it.
    index().on(table.h3R9, table.occurredAt),
    // In this order cells are counted (hotspot/count-cells.ts): all of them in one pass, or the few that changed.
    index('incident_by_cell').on(table.source, table.category, table.h3R9, table.occurredAt),
    index('incident_position_gist').using('gist', table.position),
  ],
)
