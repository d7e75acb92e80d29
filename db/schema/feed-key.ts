import { integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import { bytes } from './geometry.ts'
import { officer } from './officer.ts'

/** Lets another system of the city read the situation-room feed. The key itself is shown once and stored nowhere. */
export const feedKey = pgTable('feed_key', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  /** Who uses it. */
  name: text().notNull(),
  /** SHA-256. */
  keyHash: bytes().notNull().unique(),
  requestsPerMinute: integer().notNull().default(60),
  /** Null for one made on the server's command line. */
  createdBy: integer().references(() => officer.id),
  createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
  lastUsedAt: timestamp({ withTimezone: true }),
  revokedAt: timestamp({ withTimezone: true }),
})
