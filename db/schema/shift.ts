import {
  doublePrecision,
  index,
  integer,
  pgTable,
  primaryKey,
  real,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'
import { officer } from './officer.ts'
import { organisation } from './organisation.ts'
import { patrolRoute } from './patrol-route.ts'

export const shift = pgTable(
  'shift',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    stationId: integer()
      .notNull()
      .references(() => organisation.id),
    precinctId: integer()
      .notNull()
      .references(() => organisation.id),
    /** 深夜勤 00–06, 日勤 06–18, 夜勤 18–24. */
    band: text({ enum: ['lateNight', 'day', 'evening'] }).notNull(),
    startsAt: timestamp({ withTimezone: true }).notNull(),
    endsAt: timestamp({ withTimezone: true }).notNull(),
  },
  (table) => [index().on(table.stationId, table.startsAt), index().on(table.startsAt, table.endsAt)],
)

/** Officers on duty together under one call sign during one shift. */
export const unit = pgTable(
  'unit',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    shiftId: integer()
      .notNull()
      .references(() => shift.id),
    stationId: integer().notNull(),
    precinctId: integer().notNull(),
    callSign: text().notNull(),
    mode: text({ enum: ['car', 'motorcycle', 'foot'] }).notNull(),
    dutyType: text({ enum: ['patrol', 'standingWatch', 'inspection', 'beatCanvass', 'desk', 'standby'] })
      .notNull()
      .default('patrol'),
    patrolRouteId: integer().references(() => patrolRoute.id),
  },
  (table) => [index().on(table.shiftId), index().on(table.precinctId)],
)

export const unitMember = pgTable(
  'unit_member',
  {
    unitId: integer()
      .notNull()
      .references(() => unit.id),
    officerId: integer()
      .notNull()
      .references(() => officer.id),
  },
  (table) => [primaryKey({ columns: [table.unitId, table.officerId] }), index().on(table.officerId)],
)

/** Where a unit was last, so that a snapshot need not search the track. */
export const unitPosition = pgTable('unit_position', {
  unitId: integer().primaryKey(),
  precinctId: integer().notNull(),
  stationId: integer().notNull(),
  lon: doublePrecision().notNull(),
  lat: doublePrecision().notNull(),
  accuracyMeters: real(),
  speedMps: real(),
  headingDegrees: real(),
  recordedAt: timestamp({ withTimezone: true, precision: 3 }).notNull(),
})
