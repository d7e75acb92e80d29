import { bigint, index, integer, pgTable, smallint, text, timestamp } from 'drizzle-orm/pg-core'
import { incident } from './incident.ts'
import { patrolPoint } from './patrol-point.ts'

/** A notice handed to the officer on arrival: at a point, or wherever its precinct or station patrols. */
export const briefing = pgTable(
  'briefing',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    precinctId: integer().notNull(),
    stationId: integer(),
    patrolPointId: integer().references(() => patrolPoint.id),
    incidentId: bigint({ mode: 'number' }).references(() => incident.id),
    title: text().notNull(),
    body: text().notNull(),
    priority: smallint().notNull().default(2),
    validFrom: timestamp({ withTimezone: true }).notNull().defaultNow(),
    validTo: timestamp({ withTimezone: true }),
    createdBy: integer().notNull(),
  },
  (table) => [index().on(table.precinctId), index().on(table.patrolPointId)],
)
