import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { officer } from './officer.ts'
import { organisation } from './organisation.ts'
import { patrolPoint } from './patrol-point.ts'
import { shift, unit } from './shift.ts'

/** What a duty officer asked the planner for, for one station and shift, and how far that is. */
export const routePlan = pgTable(
  'route_plan',
  {
    id: uuid().primaryKey(),
    precinctId: integer()
      .notNull()
      .references(() => organisation.id),
    stationId: integer()
      .notNull()
      .references(() => organisation.id),
    shiftId: integer()
      .notNull()
      .references(() => shift.id),
    /** `RoutePlanRequest` of the contract. */
    request: jsonb().notNull(),
    /** The same seed and iterations give the same routes. Random in operation. */
    seed: bigint({ mode: 'number' }).notNull(),
    state: text({ enum: ['planning', 'ready', 'failed', 'cancelled'] })
      .notNull()
      .default('planning'),
    problem: text(),
    /** Where the travel times came from; null until they are there. */
    travelSource: text({ enum: ['osrm', 'road-graph', 'estimate'] }),
    requestedBy: integer()
      .notNull()
      .references(() => officer.id),
    requestedAt: timestamp({ withTimezone: true }).notNull(),
    finishedAt: timestamp({ withTimezone: true }),
  },
  (table) => [index().on(table.shiftId, table.requestedAt)],
)

/** A route through patrol points for one unit and one shift: an alternative of a plan, until it is assigned. */
export const plannedRoute = pgTable(
  'planned_route',
  {
    id: uuid().primaryKey(),
    routePlanId: uuid()
      .notNull()
      .references(() => routePlan.id),
    precinctId: integer().notNull(),
    stationId: integer().notNull(),
    shiftId: integer()
      .notNull()
      .references(() => shift.id),
    /** The unit that it is meant for, or that drives it. */
    unitId: integer()
      .notNull()
      .references(() => unit.id),
    /** 0 is the one proposed; the others are as good within the plan's allowance. */
    alternative: smallint().notNull(),
    mode: text({ enum: ['car', 'motorcycle', 'foot'] }).notNull(),
    line: text({ enum: ['fixed', 'variable'] }).notNull(),
    direction: text({ enum: ['forward', 'reverse'] }).notNull(),
    startsAt: timestamp({ withTimezone: true }).notNull(),
    endsAt: timestamp({ withTimezone: true }).notNull(),
    travelSeconds: integer().notNull(),
    meters: integer().notNull(),
    score: real().notNull(),
    /** Share of the weighed scores of all points that the plan was about, 0–1. */
    coverage: real().notNull(),
    /** Against the best route found: 1 is as good. */
    costRatio: real().notNull(),
    /** Hits of an observer of the last shifts against chance: 1 is chance. Null without earlier shifts. */
    predictability: real(),
    /** Why this unit: `RouteMatch` of the contract. */
    match: jsonb(),
    /** The way on the map: `legs` of `RouteLines` in the contract. Null of routes from before it was kept. */
    legs: jsonb(),
    state: text({ enum: ['proposed', 'assigned', 'superseded', 'withdrawn'] })
      .notNull()
      .default('proposed'),
    assignedBy: integer().references(() => officer.id),
    assignedAt: timestamp({ withTimezone: true }),
    endedAt: timestamp({ withTimezone: true }),
  },
  (table) => [
    index().on(table.routePlanId),
    // A unit follows one route at a time.
    uniqueIndex('planned_route_assigned')
      .on(table.unitId)
      .where(sql`${table.state} = 'assigned'`),
    // The last executions, for unpredictability.
    index('planned_route_executed')
      .on(table.stationId, table.startsAt)
      .where(sql`${table.state} <> 'proposed'`),
  ],
)

export const plannedStop = pgTable(
  'planned_stop',
  {
    plannedRouteId: uuid()
      .notNull()
      .references(() => plannedRoute.id, { onDelete: 'cascade' }),
    /** From 1. */
    sequence: smallint().notNull(),
    patrolPointId: integer()
      .notNull()
      .references(() => patrolPoint.id),
    arrivesAt: timestamp({ withTimezone: true }).notNull(),
    serviceSeconds: integer().notNull(),
    score: real().notNull(),
    /** Asked for by the duty officer: stays when the route is planned anew. */
    fixed: boolean().notNull().default(false),
  },
  (table) => [
    primaryKey({ columns: [table.plannedRouteId, table.sequence] }),
    index().on(table.patrolPointId, table.arrivesAt),
  ],
)
