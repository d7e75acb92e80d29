import Type, { type Static } from 'typebox'

/** `POST /api/v1/tags`: a chip is bound to a point. A secure one is in use only after `…/activate`. */
export const TagEnrolment = Type.Object({
  patrolPointId: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
  /** The chip's number, hex, however grouped. */
  uid: Type.String({ minLength: 1, maxLength: 60 }),
  /** NTAG 424 DNA, to be programmed with keys of its own; false for a plain tag, whose reads are always reviewed. */
  secure: Type.Boolean(),
})
export type TagEnrolment = Static<typeof TagEnrolment>

/** How the tag writer programs the chip. No keys: those come by `…/keys`, once. */
export const ProgramSheet = Type.Object({
  /** With zeros where a secure tag mirrors. */
  url: Type.String(),
  /** The whole NDEF file, hex. */
  ndefFile: Type.String(),
  /** Byte offsets in the NDEF file; null for a plain tag. */
  mirror: Type.Union([
    Type.Null(),
    Type.Object({
      piccDataOffset: Type.Integer(),
      macInputOffset: Type.Integer(),
      macOffset: Type.Integer(),
      /** Data of ChangeFileSettings for the NDEF file (NT4H2421Gx §10.7.1), hex. */
      fileSettings: Type.String(),
    }),
  ]),
})
export type ProgramSheet = Static<typeof ProgramSheet>

export const EnrolledTag = Type.Object({
  id: Type.Integer(),
  patrolPointId: Type.Integer(),
  uid: Type.String(),
  secure: Type.Boolean(),
  active: Type.Boolean(),
  sheet: ProgramSheet,
})
export type EnrolledTag = Static<typeof EnrolledTag>

/** `POST /api/v1/tags/:id/keys`: AES-128 keys by the tag's own slot number, hex. Told once, to the writer's program alone. */
export const TagKeys = Type.Object({
  keys: Type.Array(Type.Object({ slot: Type.Integer(), purpose: Type.String(), key: Type.String() })),
})
export type TagKeys = Static<typeof TagKeys>

export const TagActivation = Type.Object({
  /** The URL of a tap after programming. */
  url: Type.String({ minLength: 1, maxLength: 300 }),
})

/** `POST /api/v1/patrol-points/:id/label`: a new label replaces those on the box. */
export const LabelReissue = Type.Object({
  /** The old labels were copied or lost: they end now, not after the time that it takes to hang up the new one. */
  revokeNow: Type.Boolean(),
  graceDays: Type.Optional(Type.Integer({ minimum: 0, maximum: 90 })),
})
export type LabelReissue = Static<typeof LabelReissue>

export const ReissuedLabel = Type.Object({
  tagId: Type.Integer(),
  /** What the QR code holds, as a URL. */
  url: Type.String(),
  /** For typing in. */
  readableCode: Type.String(),
})
export type ReissuedLabel = Static<typeof ReissuedLabel>
