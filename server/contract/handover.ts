import Type, { type Static } from 'typebox'
import { Alert } from './alert.ts'
import { Assignment } from './assignment.ts'
import { Instant } from './basics.ts'
import { Incident } from './incident.ts'

const Id = Type.Integer({ minimum: 1, maximum: 2_147_483_647 })
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const Remark = Type.String({ maxLength: 4_000 })
/** One's own, entered anew: whoever merely sits at an unlocked console cannot sign. */
const Password = Type.String({ minLength: 1, maxLength: 200 })

/** Which desk: both null for the whole city, `stationId` null for a precinct. */
export const Desk = Type.Object({ precinctId: Nullable(Id), stationId: Nullable(Id) })
export type Desk = Static<typeof Desk>

/** 逾時路線: a route of a unit on duty with points overdue or missed in this shift. */
export const OverdueRoute = Type.Object({
  unitId: Type.Integer(),
  callSign: Type.String(),
  stationName: Type.String(),
  /** Points of it that are overdue or missed. */
  overdue: Type.Integer(),
})
export type OverdueRoute = Static<typeof OverdueRoute>

/** What a shift leaves open at its desk, as of one instant. */
export const HandoverContents = Type.Object({
  /** Those that ask for somebody or were answered and still stand; each with what it stands for as one. */
  alerts: Type.Array(Alert),
  /** Shelved, suppressed, out of service: with who, why and until when. */
  quiet: Type.Array(Alert),
  /** Incidents without a unit. */
  incidents: Type.Array(Incident),
  /** Orders neither cleared nor cancelled. */
  orders: Type.Array(Assignment),
  overdueRoutes: Type.Array(OverdueRoute),
  /** Check-ins that wait for a decision. */
  reviews: Type.Integer(),
  /** Missed windows that wait for one. */
  missedWindows: Type.Integer(),
})
export type HandoverContents = Static<typeof HandoverContents>

/** `POST /api/v1/handovers`: the first signature. What is open is written down by the server at this instant. */
export const HandoverSigning = Type.Object({
  /** Made by the console: the same again is the same handover. */
  id: Type.String({ format: 'uuid' }),
  desk: Desk,
  notes: Remark,
  password: Password,
})
export type HandoverSigning = Static<typeof HandoverSigning>

/** `POST /api/v1/handovers/{id}/take`: the second signature. */
export const HandoverTaking = Type.Object({ notes: Remark, password: Password })
export type HandoverTaking = Static<typeof HandoverTaking>

/** 交接: signed by who leaves, then by who takes over. Never changed after. */
export const Handover = Type.Object({
  id: Type.String(),
  desk: Type.Object({ precinctId: Nullable(Type.Integer()), stationId: Nullable(Type.Integer()) }),
  /** Of the desk: of the station, else of the precinct; null for the whole city. */
  placeName: Nullable(Type.String()),
  contents: HandoverContents,
  left: Type.Object({ by: Type.String(), at: Instant, notes: Type.String() }),
  /** Null while it waits for the one who comes. */
  taken: Nullable(Type.Object({ by: Type.String(), at: Instant, notes: Type.String() })),
  /** The reader has signed it as the one who leaves, so somebody else takes over. */
  own: Type.Boolean(),
})
export type Handover = Static<typeof Handover>

/** A handover was signed, by the first or the second: those who list them look again. */
export const HandoverChange = Type.Object({ id: Type.String() })
