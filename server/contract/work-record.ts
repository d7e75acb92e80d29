import Type, { type Static } from 'typebox'
import { Instant } from './basics.ts'
import { WorkNote } from './check-in.ts'

/** `PUT /api/v1/work-notes/:id`: what the officer says of a check-in, after it; the phone makes the id. */
export const NewWorkNote = Type.Object({
  checkInId: Type.String({ format: 'uuid' }),
  ...WorkNote.properties,
  notedAt: Instant,
})
export type NewWorkNote = Static<typeof NewWorkNote>

export const RecordedNote = Type.Object({
  ...WorkNote.properties,
  text: Type.Union([Type.String(), Type.Null()]),
  notedAt: Instant,
})
export type RecordedNote = Static<typeof RecordedNote>

/** Query of `PUT /api/v1/check-in-photos/:id`; the body is the JPEG. */
export const PhotoUpload = Type.Object({
  checkInId: Type.String({ format: 'uuid' }),
  takenAt: Instant,
})
export type PhotoUpload = Static<typeof PhotoUpload>

/** A photo on record. The picture itself is at `/api/v1/check-in-photos/:id` while it is kept. */
export const CheckInPhoto = Type.Object({
  id: Type.String(),
  takenAt: Instant,
  receivedAt: Instant,
  width: Type.Integer(),
  height: Type.Integer(),
  /** Hex, of the picture as stored. */
  sha256: Type.String(),
  /** False once its time of retention is over; the hash stays. */
  kept: Type.Boolean(),
  /** The check-in whose photo it repeats. */
  repeats: Type.Union([
    Type.Null(),
    Type.Object({
      checkInId: Type.String(),
      /** The same bytes; else it only looks alike. */
      exact: Type.Boolean(),
      takenAt: Instant,
      officerName: Type.String(),
    }),
  ]),
})
export type CheckInPhoto = Static<typeof CheckInPhoto>
