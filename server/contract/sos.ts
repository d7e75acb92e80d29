import Type, { type Static } from 'typebox'
import { Instant, UuidV7 } from './basics.ts'
import { Fix } from './check-in.ts'

/** `POST /api/v1/sos`: an officer calls for help. The same id again is the same call. */
export const SosCall = Type.Object({
  id: UuidV7,
  /** When, as the phone believes. */
  calledAt: Instant,
  position: Type.Union([Fix, Type.Null()]),
  /** Who called, bound at the call: a shared handheld may send it in another officer's log-in. Absent: the session's. */
  officerId: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_147_483_647 })),
})
export type SosCall = Static<typeof SosCall>

/** How the call stands; asked again by `GET /api/v1/sos/:id` until somebody has answered. */
export const SosReceipt = Type.Object({
  id: Type.String(),
  stored: Type.Literal(true),
  receivedAt: Instant,
  acknowledgedAt: Type.Union([Instant, Type.Null()]),
  /** Name of who did. */
  acknowledgedBy: Type.Union([Type.String(), Type.Null()]),
  /** The alert was closed: the matter is over. */
  closed: Type.Boolean(),
})
export type SosReceipt = Static<typeof SosReceipt>
