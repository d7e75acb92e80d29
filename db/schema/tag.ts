import { bigint, index, integer, pgTable, smallint, text, timestamp } from 'drizzle-orm/pg-core'
import { patrolPoint } from './patrol-point.ts'

/** What a phone reads at a point. The opaque id says nothing about the point. */
export const tag = pgTable(
  'tag',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    patrolPointId: integer()
      .notNull()
      .references(() => patrolPoint.id),
    kind: text({ enum: ['qr', 'nfc'] }).notNull(),
    /** 64 random bits, written in the code; the MAC over it proves that we issued it. */
    opaqueId: bigint({ mode: 'bigint' }).notNull().unique(),
    /** Which of the server's keys signed the label now on the box; older ones are good until `retiredAt` of the row. */
    keyVersion: smallint().notNull(),
    /** NFC: the chip's UID, upper-case hex. */
    uid: text().unique(),
    /** NFC: highest SUN read counter seen. */
    highestCounter: integer(),
    issuedAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    retiredAt: timestamp({ withTimezone: true }),
    revokedAt: timestamp({ withTimezone: true }),
  },
  (table) => [index().on(table.patrolPointId)],
)
