import { index, integer, pgTable, smallint, text, timestamp } from 'drizzle-orm/pg-core'
import { bytes } from './geometry.ts'
import { session } from './session.ts'

/** A browser that may be woken (RFC 8030). It belongs to a log-in, and is silent when that has ended. */
export const pushSubscription = pgTable(
  'push_subscription',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    sessionId: integer()
      .notNull()
      .references(() => session.id, { onDelete: 'cascade' }),
    officerId: integer().notNull(),
    /** Address at the browser's push service: whoever has it can try to reach the phone. */
    endpoint: text().notNull().unique(),
    /** The browser's P-256 point and its secret, by which the payload is encrypted for it alone (RFC 8291). */
    publicKey: bytes().notNull(),
    authSecret: bytes().notNull(),
    createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    /** In a row; a subscription that the service calls gone is deleted at once. */
    failures: smallint().notNull().default(0),
  },
  (table) => [index().on(table.officerId)],
)
