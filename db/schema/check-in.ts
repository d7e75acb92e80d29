import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  real,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytes, pointGeometry } from './geometry.ts'

const instant = () => timestamp({ withTimezone: true, precision: 3 })

/** Every attempt, accepted or not. Updated by a review and by judging again on later evidence only; never deleted. */
export const checkIn = pgTable(
  'check_in',
  {
    /** UUIDv7 made by the phone. */
    id: uuid().primaryKey(),
    officerId: integer().notNull(),
    unitId: integer(),
    /** Whose log-in brought it; another than `officerId` for a courier. Null in rows of old. */
    uploadedBy: integer(),
    /** The device whose key signed it. Null where the signature is absent, wrong, or of no enrolled device. */
    deviceId: uuid(),
    patrolPointId: integer(),
    tagId: integer(),
    /** Of the point; of the officer where the tag leads to none. */
    precinctId: integer().notNull(),
    stationId: integer(),
    proofKind: text({ enum: ['qr', 'typed', 'sun', 'uid'] }).notNull(),
    act: text({ enum: ['check-in', 'check-out'] }).notNull(),
    role: text({ enum: ['patrol', 'supervisor'] }).notNull(),
    /** SUN read counter of an authentic tap of a secure tag. */
    readCounter: integer(),
    /** May its time speak about other taps of the tag: bounded by a clock of ours, and contradicted by none of them. */
    timeTrusted: boolean().notNull().default(false),
    /** What the phone claims. */
    claimedAt: instant().notNull(),
    /** When we had it. */
    receivedAt: instant().notNull(),
    /** The time that counts: the claimed one where it is bounded, else the receipt. */
    checkedInAt: instant().notNull(),
    position: pointGeometry(),
    accuracyMeters: real(),
    distanceMeters: real(),
    verdict: text({ enum: ['accepted', 'needs-review', 'rejected'] }).notNull(),
    fulfils: text({ enum: ['yes', 'when-confirmed', 'no'] }).notNull(),
    /** `[{code, severity}]`, most severe first. */
    reasons: jsonb().notNull(),
    /** A track that has not come yet may change the verdict: judged again when it comes (check-in/rejudge.ts). */
    awaitsTrack: boolean().notNull().default(false),
    judgedAt: instant(),
    workNote: text(),
    /** As sent; the evidence. */
    raw: jsonb().notNull(),
    contentHash: bytes().notNull(),
    /** Of a check-out: how the stationary watch went that it ends, as `WatchFinding` of the contract. */
    watch: jsonb(),
    reviewedBy: integer(),
    reviewedAt: instant(),
    /** What a person decided; the reasons of the judge stay beside it. */
    review: text({ enum: ['confirmed', 'rejected'] }),
    reviewReason: text(),
    reviewRemark: text(),
  },
  (table) => [
    // "The officer's last check-in" for the speed layer, and "since when" of the duty screen.
    index().on(table.officerId, table.checkedInAt),
    // The visits that a window counts.
    index().on(table.patrolPointId, table.checkedInAt),
    index().on(table.precinctId, table.checkedInAt),
    // Neighbouring reads of a tag, for the reviewer.
    index().on(table.tagId, table.checkedInAt),
    // Neighbouring taps of a secure tag, for the judge.
    index('check_in_tag_counter')
      .on(table.tagId, table.readCounter)
      .where(sql`${table.readCounter} is not null`),
    // "Another officer with the same device", minutes around a scan.
    index('check_in_device')
      .on(table.deviceId, table.checkedInAt)
      .where(sql`${table.deviceId} is not null`),
    // The sweep reads this every few seconds; those with a track are not in it.
    index('check_in_awaits_track')
      .on(table.receivedAt)
      .where(sql`${table.awaitsTrack}`),
    index().on(table.receivedAt),
    // The review queue: what nobody has decided yet is little.
    index('check_in_undecided')
      .on(table.receivedAt)
      .where(sql`${table.reviewedAt} is null and ${table.verdict} <> 'accepted'`),
    // A watch whose track may still come.
    index('check_in_watch')
      .on(table.receivedAt)
      .where(sql`${table.watch} is not null`),
  ],
)

/** A repeat of an id with other content: the first stays, this one is kept beside it. */
export const checkInConflict = pgTable(
  'check_in_conflict',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    checkInId: uuid().notNull(),
    officerId: integer().notNull(),
    receivedAt: instant().notNull(),
    raw: jsonb().notNull(),
    contentHash: bytes().notNull(),
  },
  (table) => [
    // Sent again and again, it is still one conflict.
    unique().on(table.checkInId, table.contentHash),
  ],
)

/** What an authenticated device sent and no schema accepts. Kept so that nothing is lost, apart so that nothing waits. */
export const quarantine = pgTable('quarantine', {
  id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  officerId: integer().notNull(),
  receivedAt: instant().notNull(),
  field: text().notNull(),
  message: text().notNull(),
  raw: text().notNull(),
})
