import { sql } from 'drizzle-orm'
import { bigint, index, integer, pgTable, smallint, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { bytes } from './geometry.ts'
import { checkIn } from './check-in.ts'

const instant = () => timestamp({ withTimezone: true, precision: 3 })

/** What the officer says of the work at a check-in. */
export const workNote = pgTable(
  'work_note',
  {
    /** Made by the phone: sent twice, it is one note. */
    id: uuid().primaryKey(),
    checkInId: uuid()
      .notNull()
      .references(() => checkIn.id),
    officerId: integer().notNull(),
    kind: text({ enum: ['nothing-unusual', 'suspicious', 'traffic', 'other'] }).notNull(),
    text: text(),
    notedAt: instant().notNull(),
    receivedAt: instant().notNull(),
  },
  (table) => [index().on(table.checkInId)],
)

/** A photo taken at a check-in. The picture goes after the time of retention; its hashes stay. */
export const checkInPhoto = pgTable(
  'check_in_photo',
  {
    /** Made by the phone: sent twice, it is one photo. */
    id: uuid().primaryKey(),
    checkInId: uuid()
      .notNull()
      .references(() => checkIn.id),
    officerId: integer().notNull(),
    precinctId: integer().notNull(),
    stationId: integer(),
    takenAt: instant().notNull(),
    receivedAt: instant().notNull(),
    width: smallint().notNull(),
    height: smallint().notNull(),
    /** SHA-256 of the picture as stored. */
    sha256: bytes().notNull(),
    /** Difference hash of 64 bits: near for pictures that look alike. Null where there is too little to see. */
    lookHash: bigint({ mode: 'bigint' }),
    /** The photo that it repeats, exactly or by its look. */
    repeatsId: uuid(),
    /** JPEG without any metadata; null once its time is over. */
    picture: bytes(),
  },
  (table) => [
    index().on(table.checkInId),
    index().on(table.sha256),
    index().on(table.stationId, table.receivedAt),
    // Daily: what has to go.
    index('check_in_photo_kept')
      .on(table.receivedAt)
      .where(sql`${table.picture} is not null`),
    // The review queue asks for these.
    index('check_in_photo_repeats')
      .on(table.checkInId)
      .where(sql`${table.repeatsId} is not null`),
  ],
)
