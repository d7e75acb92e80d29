import { integer, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { officer } from './officer.ts'

/** A handheld or phone whose non-exportable key signs check-ins, or a native tracker. */
export const device = pgTable('device', {
  id: uuid().primaryKey(),
  kind: text({ enum: ['m-police', 'phone', 'tracker'] }).notNull(),
  label: text().notNull(),
  officerId: integer().references(() => officer.id),
  /** JWK of the P-256 public key; null for a tracker. */
  publicKey: jsonb(),
  enrolledAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
  approvedBy: integer().references(() => officer.id),
  approvedAt: timestamp({ withTimezone: true }),
  revokedAt: timestamp({ withTimezone: true }),
})
