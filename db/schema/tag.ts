import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  pgTable,
  smallint,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'
import { patrolPoint } from './patrol-point.ts'

/** What a phone reads at a point. The opaque id says nothing about the point. */
export const tag = pgTable(
  'tag',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    patrolPointId: integer()
      .notNull()
      .references(() => patrolPoint.id),
    /** `display`: a screen at the point whose code rotates. */
    kind: text({ enum: ['qr', 'nfc', 'display'] }).notNull(),
    /** 64 random bits, written in the code; the MAC over it proves that we issued it. */
    opaqueId: bigint({ mode: 'bigint' }).notNull().unique(),
    /** Which of the server's keys signed this label. A re-issue makes a new row and retires this one. */
    keyVersion: smallint().notNull(),
    /** NFC: the chip's UID, upper-case hex. */
    uid: text().unique(),
    /** NFC: an NTAG 424 DNA that signs each tap with keys of its own. */
    secure: boolean().notNull().default(false),
    /** When the writer's program had the keys of a secure tag: they are told once. */
    keysTakenAt: timestamp({ withTimezone: true }),
    /** A secure tag counts from here on: a tap has shown that it bears our keys, and no more those of the factory. */
    activatedAt: timestamp({ withTimezone: true }),
    issuedAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    /** Replaced, and good until then: the new label has to reach the box first. */
    retiredAt: timestamp({ withTimezone: true }),
    /** Not good from then on: copied, lost or stolen. */
    revokedAt: timestamp({ withTimezone: true }),
  },
  (table) => [
    index().on(table.patrolPointId),
    // One spelling: who writes another than the normal one is stopped here.
    check('tag_uid_normal', sql`${table.uid} ~ '^([0-9A-F]{2}){4,10}$'`),
  ],
)
