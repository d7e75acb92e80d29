import {
  bigint,
  index,
  integer,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core'
import { officer } from './officer.ts'

const instant = () => timestamp({ withTimezone: true, precision: 3 })
/** `report`: what colleagues noted at this very point. */
const about = ['incident', 'notice', 'report'] as const

/** Which card was shown to whom, and when: on a check-in, or at a door. */
export const briefingReceipt = pgTable(
  'briefing_receipt',
  {
    /** The check-in, or the id that the phone gave to its question at a door. */
    occasionId: uuid().notNull(),
    kind: text({ enum: about }).notNull(),
    /** `incident.id`, `notice.id`, or for a report `patrol_point.id`. */
    refId: bigint({ mode: 'number' }).notNull(),
    officerId: integer().notNull(),
    unitId: integer(),
    patrolPointId: integer(),
    precinctId: integer(),
    stationId: integer(),
    /** 1 stood on top. */
    rank: smallint().notNull(),
    score: real().notNull(),
    shownAt: instant().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.occasionId, table.kind, table.refId] }),
    // "Who has seen this notice?"
    index().on(table.kind, table.refId, table.shownAt),
    // "What has this officer seen tonight?", so that the same is not on top at every point.
    index().on(table.officerId, table.shownAt),
    // What is too old to be kept.
    index().on(table.shownAt),
  ],
)

/** What an officer answers to a card. */
export const feedback = pgTable(
  'feedback',
  {
    /** UUIDv7 made by the phone. */
    id: uuid().primaryKey(),
    officerId: integer()
      .notNull()
      .references(() => officer.id),
    unitId: integer(),
    occasionId: uuid().notNull(),
    kind: text({ enum: about }).notNull(),
    refId: bigint({ mode: 'number' }).notNull(),
    answer: text({ enum: ['useful', 'handled', 'not-as-told', 'other'] }).notNull(),
    /** An officer's own words. For whoever reads the list; never on a card, an event or a wall. */
    text: text(),
    patrolPointId: integer(),
    precinctId: integer(),
    stationId: integer(),
    /** As the phone believes, but not after receipt. */
    givenAt: instant().notNull(),
    receivedAt: instant().notNull(),
  },
  (table) => [
    index().on(table.kind, table.refId, table.givenAt),
    index().on(table.precinctId, table.receivedAt),
    index().on(table.patrolPointId, table.givenAt),
    index().on(table.receivedAt),
  ],
)
