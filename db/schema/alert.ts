import { sql } from 'drizzle-orm'
import {
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  smallint,
  text,
  timestamp,
  unique,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import { officer } from './officer.ts'
import { organisation } from './organisation.ts'

const instant = () => timestamp({ withTimezone: true })

/**
 * Asks for a timely human action. One open row per dedup key; more of the same raises its count. The columns are the
 * facts; the state follows from them and the time by one pure function (server/src/alert/evaluate-alert.ts).
 */
export const alert = pgTable(
  'alert',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    kind: text().notNull(),
    dedupKey: text().notNull(),
    /** 1 act now, 2 act soon, 3 look when free. */
    priority: smallint().notNull(),
    /** `pending`: the cause stands, but not yet for the on-delay; no screen knows of it. */
    state: text({
      enum: ['pending', 'unack', 'ack', 'rtn-unack', 'shelved', 'suppressed', 'out-of-service', 'closed'],
    })
      .notNull()
      .default('unack'),
    precinctId: integer(),
    stationId: integer(),
    /** What the sentence on screen is made of: names, counts, ids. Never personal data beyond a call sign. */
    subject: jsonb().notNull(),
    count: integer().notNull().default(1),
    /** When the cause was first known. */
    raisedAt: instant().notNull(),
    changedAt: instant().notNull(),
    acknowledgedBy: integer(),
    acknowledgedAt: instant(),
    closedAt: instant(),
    /** Null where time or the vanished cause closed it. */
    closedBy: integer(),
    /** Not before: the on-delay, or longer for a key that chatters. */
    beginsAt: instant().notNull().defaultNow(),
    /** When screens first had it. */
    begunAt: instant(),
    /** Since when it has been asking for an answer, and how often it has begun to. */
    askedAt: instant(),
    asks: smallint().notNull().default(0),
    /** Of an event the last time it happened; of a condition the last time it was found new. */
    causeAt: instant().notNull().defaultNow(),
    /** The condition has gone; it has returned once the off-delay is over, too. */
    causeGoneAt: instant(),
    shelvedUntil: instant(),
    outOfServiceAt: instant(),
    /** Who shelved it or took it out of service, and why. */
    heldBy: integer(),
    heldReason: text(),
    /** The plan that keeps it quiet, and until when. */
    suppressionId: integer(),
    suppressedUntil: instant(),
    /** 0 nobody else, 1 the duty officer, 2 the supervisor was told. */
    escalation: smallint().notNull().default(0),
    escalatedAt: instant(),
    /** The row that stands for this one; of a parent `isParent` is true and `count` is how many it stands for. */
    parentId: integer(),
    isParent: boolean().notNull().default(false),
    /** When it was decided whether it stands alone. */
    placedAt: instant(),
    /** When time alone moves it on. */
    nextChangeAt: instant(),
  },
  (table) => [
    uniqueIndex('alert_open_dedup')
      .on(table.dedupKey)
      .where(sql`${table.closedAt} is null`),
    index().on(table.precinctId, table.raisedAt),
    // The sweep reads these two every second; what is settled is in neither.
    index('alert_due')
      .on(table.nextChangeAt)
      .where(sql`${table.nextChangeAt} is not null`),
    index('alert_unplaced')
      .on(table.id)
      .where(sql`${table.placedAt} is null and ${table.begunAt} is not null and ${table.closedAt} is null`),
    index('alert_children')
      .on(table.parentId)
      .where(sql`${table.parentId} is not null`),
    // Snapshots and rules look at what is open; performance and grouping at what began lately.
    index('alert_open')
      .on(table.kind)
      .where(sql`${table.closedAt} is null`),
    index().on(table.begunAt),
    // How often a key has begun within the last minute.
    index().on(table.dedupKey, table.begunAt),
  ],
)

/** A rule differs here from its default; precinct null is the whole city, and a precinct's own row goes before it. */
export const alertRule = pgTable(
  'alert_rule',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    kind: text().notNull(),
    precinctId: integer().references(() => organisation.id),
    enabled: boolean().notNull().default(true),
    /** Numbers by name; the rule says which it knows (server/src/alert/alert-kinds.ts). */
    thresholds: jsonb().notNull().default({}),
    changedBy: integer().references(() => officer.id),
    changedAt: instant().notNull(),
  },
  (table) => [unique().on(table.kind, table.precinctId).nullsNotDistinct()],
)

/** A plan that keeps alerts quiet for a time: typhoon, campaign. They are kept, counted, and ask when it is over. */
export const alertSuppression = pgTable(
  'alert_suppression',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    plan: text({ enum: ['typhoon', 'campaign', 'maintenance', 'other'] }).notNull(),
    reason: text().notNull(),
    /** Empty: all kinds that may be kept quiet. */
    kinds: text().array().notNull().default([]),
    /** Null: the whole city. */
    precinctId: integer().references(() => organisation.id),
    startsAt: instant().notNull(),
    endsAt: instant().notNull(),
    createdBy: integer()
      .notNull()
      .references(() => officer.id),
    createdAt: instant().notNull(),
    /** Ended before its time. */
    endedBy: integer().references(() => officer.id),
    endedAt: instant(),
  },
  (table) => [index().on(table.endsAt)],
)

/** Somebody was told of an alert that nobody had acknowledged. */
export const alertNotice = pgTable(
  'alert_notice',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    alertId: integer()
      .notNull()
      .references(() => alert.id),
    officerId: integer()
      .notNull()
      .references(() => officer.id),
    /** 1 as duty officer, 2 as supervisor. */
    level: smallint().notNull(),
    at: instant().notNull(),
    seenAt: instant(),
    /** When the officer's phone was to be woken; by real time. */
    pushedAt: instant(),
  },
  (table) => [
    index().on(table.officerId, table.at),
    index().on(table.alertId),
    // Asked every second: those that no phone was woken for are few.
    index('alert_notice_to_push')
      .on(table.at)
      .where(sql`${table.pushedAt} is null`),
  ],
)

/** The one screen of a scope that sounds. Held for seconds and renewed; whoever comes after it has lapsed takes over. */
export const audioLease = pgTable('audio_lease', {
  scopeKey: text().primaryKey(),
  holder: text().notNull(),
  /** Real time, not the city's: it is about machines. */
  expiresAt: instant().notNull(),
})
