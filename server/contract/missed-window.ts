import Type, { type Static } from 'typebox'
import { Instant } from './basics.ts'
import { PatrolWindow } from './patrol-window.ts'

/** `POST /api/v1/patrol-windows/:id/make-up`: somebody says that the point was visited, and why no check-in shows it. */
export const MakeUpProposal = Type.Object({
  reason: Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' }),
})
export type MakeUpProposal = Static<typeof MakeUpProposal>

/** `POST /api/v1/patrol-windows/:id/decide`. */
export const MissedDecision = Type.Union([
  /** 補簽: approves the proposal of another. */
  Type.Object({ to: Type.Literal('made-up') }),
  /** Turns the proposal down; the window stays missed. */
  Type.Object({ to: Type.Literal('refused') }),
  /** 有故, 無故. */
  Type.Object({
    to: Type.Union([Type.Literal('excused'), Type.Literal('unexcused')]),
    reason: Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' }),
  }),
])
export type MissedDecision = Static<typeof MissedDecision>

/** A window that was missed, and what was decided of it. */
export const MissedWindow = Type.Object({
  ...PatrolWindow.properties,
  pointCode: Type.String(),
  /** Call signs of the units that were on duty there. */
  callSigns: Type.Array(Type.String()),
  /** The reader was on duty there: another decides. */
  own: Type.Boolean(),
  proposal: Type.Union([
    Type.Null(),
    Type.Object({
      reason: Type.String(),
      by: Type.String(),
      at: Instant,
      /** By the reader: another approves. */
      own: Type.Boolean(),
    }),
  ]),
  decided: Type.Union([Type.Null(), Type.Object({ reason: Type.String(), by: Type.String(), at: Instant })]),
})
export type MissedWindow = Static<typeof MissedWindow>

export const MissedWindowPage = Type.Object({
  windows: Type.Array(MissedWindow),
  /** How many in the reader's scope nobody has decided, whatever the filter. */
  undecided: Type.Integer(),
})
export type MissedWindowPage = Static<typeof MissedWindowPage>
