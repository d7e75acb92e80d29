import Type, { type Static } from 'typebox'
import { Day, Instant, UuidV7 } from './basics.ts'

/** 治安顧慮人口、記事人口、諮詢對象. */
export const ContactKind = Type.Union([
  Type.Literal('concern'),
  Type.Literal('recorded'),
  Type.Literal('consultation'),
])
export type ContactKind = Static<typeof ContactKind>

/** A contact as the list shows it: enough to know which door is meant, too little to tell a stranger who lives there. */
export const MaskedContact = Type.Object({
  id: Type.String(),
  kind: ContactKind,
  beatId: Type.Integer(),
  /** The first character of the name, the rest hidden. */
  maskedName: Type.String(),
  lastVisitedOn: Type.Union([Day, Type.Null()]),
  /** Made up for the demonstration. */
  synthetic: Type.Boolean(),
})
export type MaskedContact = Static<typeof MaskedContact>

/** The beats of a beat officer, or those under a supervisor, with their contacts. */
export const BeatContacts = Type.Object({
  beats: Type.Array(Type.Object({ id: Type.Integer(), name: Type.String(), nameEn: Type.String() })),
  contacts: Type.Array(MaskedContact),
})
export type BeatContacts = Static<typeof BeatContacts>

/** Why a contact is opened; on record with who and when. */
export const OpeningPurpose = Type.Union([
  Type.Literal('visit'),
  Type.Literal('urgent-check'),
  Type.Literal('correction'),
  Type.Literal('supervision'),
])
export type OpeningPurpose = Static<typeof OpeningPurpose>

export const ContactOpening = Type.Object({ purpose: OpeningPurpose }, { additionalProperties: false })
export type ContactOpening = Static<typeof ContactOpening>

/** Personal data. Never stored by a client, never in an event, an export or a log. */
export const ContactDetails = Type.Object({
  id: Type.String(),
  name: Type.String(),
  address: Type.String(),
  phone: Type.String(),
  note: Type.String(),
  /** The phone forgets it after so many seconds. */
  forgetAfterSeconds: Type.Integer(),
})
export type ContactDetails = Static<typeof ContactDetails>

export const VisitOutcome = Type.Union([
  Type.Literal('met'),
  Type.Literal('not-home'),
  Type.Literal('moved'),
  Type.Literal('refused'),
  Type.Literal('follow-up'),
])
export type VisitOutcome = Static<typeof VisitOutcome>

/** A visit as the phone tells it; once when it starts and again, under the same id, when it is over. */
export const Visit = Type.Object(
  {
    id: UuidV7,
    contactId: Type.String({ format: 'uuid' }),
    startedAt: Instant,
    finished: Type.Union([Type.Null(), Type.Object({ at: Instant, outcome: VisitOutcome })]),
    /** Who visited; a shared handheld may upload in another officer's log-in. Absent: the session's. */
    officerId: Type.Optional(Type.Integer()),
  },
  { additionalProperties: false },
)
export type Visit = Static<typeof Visit>

/** Items are validated one by one; answered like feedback. */
export const VisitBatch = Type.Object({ visits: Type.Array(Type.Unknown(), { minItems: 1, maxItems: 50 }) })
