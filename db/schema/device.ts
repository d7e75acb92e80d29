import { index, integer, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { bytes } from './geometry.ts'
import { officer } from './officer.ts'

/** A handheld or phone whose non-exportable key signs check-ins, or a native tracker. */
export const device = pgTable(
  'device',
  {
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
    /** SHA-256 of a tracker's pairing id. The id itself is shown once and stored nowhere. */
    pairingHash: bytes().unique(),
    /** What a tracker without a pairing id calls itself. Anybody may know it, so it proves nothing. */
    publicId: text().unique(),
    /** Time of the last SOS message; a repeat of that message raises nothing. */
    lastSosAt: timestamp({ withTimezone: true, precision: 3 }),
    /** The last message without a place: time, battery and what else it told. */
    keepAlive: jsonb(),
  },
  (table) => [
    // Every check-in asks whether its officer has an enrolled device.
    index().on(table.officerId),
  ],
)
