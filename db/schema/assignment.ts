import { bigint, index, integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { incident } from './incident.ts'
import { patrolRoute } from './patrol-route.ts'
import { unit } from './shift.ts'

/** The order a unit accepts, arrives at and clears. The epoch rises at each reassignment: an older answer is stale. */
export const assignment = pgTable(
  'assignment',
  {
    id: uuid().primaryKey(),
    incidentId: bigint({ mode: 'number' }).references(() => incident.id),
    patrolRouteId: integer().references(() => patrolRoute.id),
    unitId: integer()
      .notNull()
      .references(() => unit.id),
    precinctId: integer().notNull(),
    epoch: integer().notNull().default(1),
    state: text({ enum: ['ordered', 'accepted', 'refused', 'en-route', 'on-scene', 'cleared', 'cancelled'] })
      .notNull()
      .default('ordered'),
    orderedBy: integer().notNull(),
    note: text(),
    orderedAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    acceptedAt: timestamp({ withTimezone: true }),
    enRouteAt: timestamp({ withTimezone: true }),
    onSceneAt: timestamp({ withTimezone: true }),
    clearedAt: timestamp({ withTimezone: true }),
  },
  (table) => [index().on(table.unitId), index().on(table.precinctId, table.orderedAt)],
)
