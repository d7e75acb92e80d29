import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  smallint,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { officer } from './officer.ts'
import { organisation } from './organisation.ts'
import { patrolPoint } from './patrol-point.ts'
import { patrolRoute } from './patrol-route.ts'

/** When a point is due: on these weekdays, from this minute of the day (Asia/Taipei), for so long, so often. */
export const windowRule = pgTable(
  'window_rule',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    patrolPointId: integer()
      .notNull()
      .references(() => patrolPoint.id),
    patrolRouteId: integer().references(() => patrolRoute.id),
    /** Bit 0 is Monday … bit 6 is Sunday. */
    weekdays: smallint().notNull().default(127),
    /** 0–1439, minutes after midnight in Asia/Taipei. */
    startMinute: smallint().notNull(),
    /** May run past midnight. */
    durationMinutes: smallint().notNull(),
    requiredCount: smallint().notNull().default(1),
    graceSeconds: integer().notNull().default(600),
    validFrom: date({ mode: 'string' }).notNull(),
    validTo: date({ mode: 'string' }),
    active: boolean().notNull().default(true),
  },
  (table) => [index().on(table.patrolPointId), index().on(table.patrolRouteId)],
)

/** One due visit, `[startsAt, endsAt)` with grace after it. See server/src/window. */
export const patrolWindow = pgTable(
  'patrol_window',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    ruleId: integer()
      .notNull()
      .references(() => windowRule.id),
    patrolPointId: integer()
      .notNull()
      .references(() => patrolPoint.id),
    precinctId: integer()
      .notNull()
      .references(() => organisation.id),
    stationId: integer()
      .notNull()
      .references(() => organisation.id),
    /** The Asia/Taipei date on which it starts: the day whose totals it belongs to. */
    serviceOn: date({ mode: 'string' }).notNull(),
    startsAt: timestamp({ withTimezone: true }).notNull(),
    endsAt: timestamp({ withTimezone: true }).notNull(),
    graceEndsAt: timestamp({ withTimezone: true }).notNull(),
    requiredCount: smallint().notNull(),
    doneCount: smallint().notNull().default(0),
    state: text({
      enum: [
        'pending',
        'open',
        'grace',
        'fulfilled',
        'missed',
        'corrected',
        'made-up',
        'excused',
        'unexcused',
      ],
    })
      .notNull()
      .default('pending'),
    /** When time alone moves it on; null once settled. */
    nextChangeAt: timestamp({ withTimezone: true }),
    /** The check-in that completed it. */
    checkInId: uuid(),
    decidedBy: integer().references(() => officer.id),
    decidedAt: timestamp({ withTimezone: true }),
    decisionReason: text(),
    /** What the decision rests on, such as `{assignmentId}` of a diversion. */
    evidence: jsonb(),
  },
  (table) => [
    // Materialising twice changes nothing.
    unique().on(table.ruleId, table.startsAt),
    // The sweep reads this every two seconds; settled windows are not in it.
    index('patrol_window_due')
      .on(table.nextChangeAt)
      .where(sql`${table.nextChangeAt} is not null`),
    // A check-in looks for the windows of its point around its time.
    index().on(table.patrolPointId, table.startsAt),
    index().on(table.serviceOn, table.precinctId, table.state),
  ],
)
