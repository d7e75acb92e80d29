import {
  boolean,
  date,
  index,
  integer,
  pgTable,
  smallint,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytes } from './geometry.ts'
import { importBatch } from './import-batch.ts'
import { officer } from './officer.ts'
import { organisation } from './organisation.ts'

const instant = () => timestamp({ withTimezone: true, precision: 3 })

/**
 * A person whom a beat officer visits (治安顧慮人口、記事人口、諮詢對象). Who it is, where and why stands in `sealed` only, under a key
 * that is not in the database; the other columns tell no more than that a beat has such a row.
 */
export const contact = pgTable(
  'contact',
  {
    id: uuid().primaryKey(),
    kind: text({ enum: ['concern', 'recorded', 'consultation'] }).notNull(),
    beatId: integer()
      .notNull()
      .references(() => organisation.id),
    precinctId: integer().notNull(),
    stationId: integer().notNull(),
    /** AES-256-GCM of the details as JSON: nonce, tag, ciphertext; bound to the row's id, kind and beat. */
    sealed: bytes().notNull(),
    /** Version of the key that sealed it. */
    keyVersion: smallint().notNull(),
    /** HMAC of the register's number under a key of its own, so that importing a file twice changes nothing. */
    registerKey: bytes().notNull(),
    /** Made up for the demonstration: every screen says so. */
    synthetic: boolean().notNull().default(false),
    lastVisitedOn: date({ mode: 'string' }),
    importBatchId: integer().references(() => importBatch.id),
    createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    retiredAt: timestamp({ withTimezone: true }),
  },
  (table) => [index().on(table.beatId), unique().on(table.registerKey)],
)

/** A visit at a door: when, by whom, and what came of it. Nothing that anybody said. */
export const visit = pgTable(
  'visit',
  {
    /** UUIDv7 made by the phone. */
    id: uuid().primaryKey(),
    contactId: uuid()
      .notNull()
      .references(() => contact.id),
    officerId: integer()
      .notNull()
      .references(() => officer.id),
    beatId: integer().notNull(),
    precinctId: integer().notNull(),
    stationId: integer().notNull(),
    startedAt: instant().notNull(),
    finishedAt: instant(),
    outcome: text({ enum: ['met', 'not-home', 'moved', 'refused', 'follow-up'] }),
    receivedAt: instant().notNull(),
  },
  (table) => [index().on(table.contactId, table.startedAt), index().on(table.officerId, table.startedAt)],
)
