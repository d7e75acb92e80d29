import Type, { type Static } from 'typebox'
import { Day, Instant } from './basics.ts'

export const WindowState = Type.Union([
  /** Not begun. */
  Type.Literal('pending'),
  /** Due now. */
  Type.Literal('open'),
  /** Over, within grace: 逾時. */
  Type.Literal('grace'),
  Type.Literal('fulfilled'),
  /** 漏簽, not yet decided. */
  Type.Literal('missed'),
  /** Was missed; a check-in that had been made in time came late. */
  Type.Literal('corrected'),
  /** 補簽, approved by another. */
  Type.Literal('made-up'),
  /** 有故. */
  Type.Literal('excused'),
  /** 無故. */
  Type.Literal('unexcused'),
])
export type WindowState = Static<typeof WindowState>

/** A window's move from one state to another; the body of every `window:*` event. */
export const WindowChange = Type.Object({
  windowId: Type.Integer(),
  pointId: Type.Integer(),
  serviceOn: Day,
  startsAt: Instant,
  endsAt: Instant,
  graceEndsAt: Instant,
  from: WindowState,
  to: WindowState,
  doneCount: Type.Integer(),
  requiredCount: Type.Integer(),
  checkInId: Type.Union([Type.String(), Type.Null()]),
})
export type WindowChange = Static<typeof WindowChange>

export const PatrolWindow = Type.Object({
  id: Type.Integer(),
  pointId: Type.Integer(),
  pointName: Type.String(),
  precinctId: Type.Integer(),
  stationId: Type.Integer(),
  serviceOn: Day,
  startsAt: Instant,
  endsAt: Instant,
  graceEndsAt: Instant,
  requiredCount: Type.Integer(),
  doneCount: Type.Integer(),
  state: WindowState,
})
export type PatrolWindow = Static<typeof PatrolWindow>

/** Body of `POST /api/v1/patrol-windows/:id/excuse`. */
export const WindowExcuse = Type.Object({
  reason: Type.String({ minLength: 1, maxLength: 500 }),
})
export type WindowExcuse = Static<typeof WindowExcuse>
