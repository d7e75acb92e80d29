import Type, { type Static } from 'typebox'
import { Instant, Role, Scope } from './basics.ts'

export const Login = Type.Object({
  login: Type.String({ minLength: 1, maxLength: 100 }),
  password: Type.String({ minLength: 1, maxLength: 200 }),
})
export type Login = Static<typeof Login>

/** Who is logged in. */
export const Me = Type.Object({
  sessionId: Type.Integer(),
  officer: Type.Union([
    Type.Null(),
    Type.Object({
      id: Type.Integer(),
      name: Type.String(),
      stationId: Type.Union([Type.Integer(), Type.Null()]),
      precinctId: Type.Union([Type.Integer(), Type.Null()]),
    }),
  ]),
  roles: Type.Array(Role),
  scope: Scope,
  /** Where this role starts, such as `/wall`. */
  home: Type.String(),
  expiresAt: Instant,
})
export type Me = Static<typeof Me>

/** Shown on a display that asks to become a wall. */
export const WallPairing = Type.Object({
  displayId: Type.Integer(),
  /** Six characters, to be typed on a console. */
  code: Type.String(),
  /** Kept by the display; with it, it asks whether it was approved. */
  claim: Type.String(),
  expiresAt: Instant,
})
export type WallPairing = Static<typeof WallPairing>

export const WallApproval = Type.Object({
  code: Type.String({ minLength: 4, maxLength: 12 }),
  name: Type.String({ minLength: 1, maxLength: 80 }),
  /** The subtree the display may show; within the approver's own scope. Absent: all of it. */
  organisationId: Type.Optional(Type.Integer()),
  /** It stands at this patrol point: it shows the point's rotating code and may see nothing. */
  patrolPointId: Type.Optional(Type.Integer()),
})
export type WallApproval = Static<typeof WallApproval>

/** `GET /api/v1/display-codes`: what a display at a patrol point shows now and next, as many as bridge a short cut. */
export const DisplayCodes = Type.Object({
  codes: Type.Array(
    Type.Object({
      /** The QR code as SVG. */
      svg: Type.String(),
      /** Real milliseconds from this answer until it is to be shown (below 0: since), and until it is not any more. */
      startsInMs: Type.Integer(),
      endsInMs: Type.Integer(),
    }),
  ),
})
export type DisplayCodes = Static<typeof DisplayCodes>

/** A screen that was paired: on a wall, or at a patrol point. */
export const PairedDisplay = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  /** Of the point whose code it shows, or of the place whose wall it is. */
  place: Type.String(),
  atPoint: Type.Boolean(),
  approvedAt: Instant,
  approvedBy: Type.String(),
})
export type PairedDisplay = Static<typeof PairedDisplay>
