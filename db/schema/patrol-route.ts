import { index, integer, pgTable, primaryKey, smallint, text, timestamp } from 'drizzle-orm/pg-core'
import { importBatch } from './import-batch.ts'
import { organisation } from './organisation.ts'
import { patrolPoint } from './patrol-point.ts'

/** 巡邏線: points in an order, fixed or drawn anew for each shift. */
export const patrolRoute = pgTable(
  'patrol_route',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    code: text().notNull().unique(),
    name: text().notNull(),
    precinctId: integer()
      .notNull()
      .references(() => organisation.id),
    stationId: integer()
      .notNull()
      .references(() => organisation.id),
    mode: text({ enum: ['fixed', 'variable'] })
      .notNull()
      .default('fixed'),
    importBatchId: integer().references(() => importBatch.id),
    retiredAt: timestamp({ withTimezone: true }),
  },
  (table) => [index().on(table.stationId)],
)

export const patrolRouteStop = pgTable(
  'patrol_route_stop',
  {
    patrolRouteId: integer()
      .notNull()
      .references(() => patrolRoute.id),
    sequence: smallint().notNull(),
    patrolPointId: integer()
      .notNull()
      .references(() => patrolPoint.id),
    /** Clock time in minutes after midnight, Asia/Taipei, where the plan names one. */
    dueMinute: smallint(),
  },
  (table) => [
    primaryKey({ columns: [table.patrolRouteId, table.sequence] }),
    index().on(table.patrolPointId),
  ],
)
