import {
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  smallint,
  timestamp,
} from 'drizzle-orm/pg-core'

const instant = () => timestamp({ withTimezone: true, precision: 3 })

/**
 * One timed position on duty. Partitioned by day of `recordedAt` (the migration says how), dropped by partition.
 * An officer is at one place at one instant: the key makes a repeated batch harmless.
 */
export const breadcrumb = pgTable(
  'breadcrumb',
  {
    officerId: integer().notNull(),
    recordedAt: instant().notNull(),
    unitId: integer().notNull(),
    receivedAt: instant().notNull(),
    lon: doublePrecision().notNull(),
    lat: doublePrecision().notNull(),
    accuracyMeters: real(),
    speedMps: real(),
    headingDegrees: real(),
    batteryPercent: smallint(),
    /** False where the device doubts its own fix, simulates it, or is known by a public id: it supports no check-in. */
    isEvidence: boolean().notNull().default(true),
    /** What a native tracker told besides; null for the field client. */
    trackerDetails: jsonb(),
  },
  (table) => [
    primaryKey({ columns: [table.officerId, table.recordedAt] }),
    index().on(table.unitId, table.recordedAt),
  ],
)
