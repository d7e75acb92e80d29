import { index, integer, jsonb, pgTable, text, timestamp, unique } from 'drizzle-orm/pg-core'
import { bytes } from './geometry.ts'
import { officer } from './officer.ts'
import { organisation } from './organisation.ts'
import { tag } from './tag.ts'

/** A screen on the wall: read-only, paired by a one-time code that somebody on a console approves. */
export const wallDisplay = pgTable('wall_display', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  name: text().notNull(),
  /** What the display may see; set at approval. Null for one that stands at a patrol point and sees nothing. */
  organisationId: integer().references(() => organisation.id),
  /** The tag of kind `display` whose rotating codes it shows at a patrol point. */
  tagId: integer().references(() => tag.id),
  /** SHA-256 of the short code shown on the display. */
  pairingCodeHash: bytes().notNull(),
  /** SHA-256 of the secret that only the display holds, with which it asks whether it was approved. */
  claimHash: bytes().notNull().unique(),
  pairingExpiresAt: timestamp({ withTimezone: true }).notNull(),
  approvedBy: integer().references(() => officer.id),
  approvedAt: timestamp({ withTimezone: true }),
  claimedAt: timestamp({ withTimezone: true }),
  revokedAt: timestamp({ withTimezone: true }),
})

/** What an operator sent to a display: it stands until then, or until it is taken back. */
export const wallView = pgTable(
  'wall_view',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    wallDisplayId: integer()
      .notNull()
      .references(() => wallDisplay.id, { onDelete: 'cascade' }),
    /** As in the contract. */
    scene: jsonb().notNull(),
    sentBy: integer()
      .notNull()
      .references(() => officer.id),
    /** Real time, as a wall hangs in it; not the city's, which a demonstration may run faster. */
    sentAt: timestamp({ withTimezone: true }).notNull(),
    until: timestamp({ withTimezone: true }).notNull(),
    endedAt: timestamp({ withTimezone: true }),
    endedBy: integer().references(() => officer.id),
  },
  (table) => [index().on(table.wallDisplayId, table.until)],
)

/** A scene of the wall's map that somebody gave a name; it belongs to the place of who saved it, whose walls show it by name. */
export const wallScene = pgTable(
  'wall_scene',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    name: text().notNull(),
    organisationId: integer()
      .notNull()
      .references(() => organisation.id),
    /** As in the contract. */
    scene: jsonb().notNull(),
    savedBy: integer()
      .notNull()
      .references(() => officer.id),
    savedAt: timestamp({ withTimezone: true }).notNull(),
  },
  // Saved again under its name, it is the same one.
  (table) => [unique().on(table.organisationId, table.name)],
)

/** Opaque sessions. The cookie holds the token, the row only its hash. */
export const session = pgTable(
  'session',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    tokenHash: bytes().notNull().unique(),
    officerId: integer().references(() => officer.id),
    wallDisplayId: integer().references(() => wallDisplay.id),
    createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    expiresAt: timestamp({ withTimezone: true }).notNull(),
    revokedAt: timestamp({ withTimezone: true }),
    userAgent: text(),
  },
  (table) => [index().on(table.officerId)],
)
