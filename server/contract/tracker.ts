import Type, { type Static } from 'typebox'
import { Instant } from './basics.ts'

const Label = Type.String({ minLength: 1, maxLength: 80 })
// Neither control characters nor blanks at its ends: it must be what the device sends.
const PublicId = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: '^[^\\s\\x00-\\x1f]([^\\x00-\\x1f]*[^\\s\\x00-\\x1f])?$',
})

/** `POST /api/v1/devices/trackers`: an officer gets a native tracker. */
export const TrackerEnrolment = Type.Object({
  officerId: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
  label: Label,
  /** For trackers that can only send an id of their own: no pairing id, no SOS. Administrators only. */
  publicId: Type.Optional(PublicId),
})
export type TrackerEnrolment = Static<typeof TrackerEnrolment>

/** Shown once: the pairing id is stored nowhere. */
export const TrackerPairing = Type.Object({
  id: Type.String(),
  /** 192 random bits; null for a tracker with a public id. */
  pairingId: Type.Union([Type.String(), Type.Null()]),
  /** What the tracker's app wants as the server's address. */
  url: Type.String(),
  /** The address as a QR code; Traccar Client sets itself up from it. */
  qrSvg: Type.String(),
})
export type TrackerPairing = Static<typeof TrackerPairing>

export const Tracker = Type.Object({
  id: Type.String(),
  label: Label,
  officerId: Type.Integer(),
  officerName: Type.String(),
  publicId: Type.Union([Type.String(), Type.Null()]),
  enrolledAt: Instant,
  revokedAt: Type.Union([Instant, Type.Null()]),
})
export type Tracker = Static<typeof Tracker>
