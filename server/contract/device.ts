import Type, { type Static } from 'typebox'
import { Instant } from './basics.ts'

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])

/** `POST /api/v1/devices`: an officer's phone or a station's handheld shows the key that it will sign with. */
export const DeviceEnrolment = Type.Object({
  kind: Type.Union([Type.Literal('phone'), Type.Literal('m-police')]),
  label: Type.String({ minLength: 1, maxLength: 80, pattern: '\\S' }),
  /** Public half of a WebCrypto ECDSA P-256 pair whose private half cannot be exported, as JWK; other members are ignored. */
  publicKey: Type.Object({
    kty: Type.Literal('EC'),
    crv: Type.Literal('P-256'),
    x: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
    y: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
  }),
})
export type DeviceEnrolment = Static<typeof DeviceEnrolment>

export const Device = Type.Object({
  /** Goes into every check-in as `device.id`. */
  id: Type.String(),
  kind: DeviceEnrolment.properties.kind,
  label: Type.String(),
  state: Type.Union([Type.Literal('pending'), Type.Literal('approved'), Type.Literal('revoked')]),
  /** Who enrolled it. A handheld signs for every officer of the station. */
  officerId: Type.Integer(),
  officerName: Type.String(),
  enrolledAt: Instant,
  approvedAt: Nullable(Instant),
  revokedAt: Nullable(Instant),
})
export type Device = Static<typeof Device>
