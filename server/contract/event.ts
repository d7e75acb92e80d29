import Type, { type Static, type TSchema } from 'typebox'
import { Alert } from './alert.ts'
import { Assignment, AssignmentReassigned, AssignmentWithdrawn } from './assignment.ts'
import { Instant } from './basics.ts'
import { FeedbackSummary } from './briefing.ts'
import { CheckInSummary } from './check-in.ts'
import { HandoverChange } from './handover.ts'
import { Incident } from './incident.ts'
import { Job } from './job.ts'
import { NoticeChange } from './notice.ts'
import { MessageCount } from './message.ts'
import { PatrolPoint } from './patrol-point.ts'
import { WindowChange } from './patrol-window.ts'
import { PlannedRoute } from './route-plan.ts'
import { Unit } from './shift.ts'
import { WallChange } from './wall-view.ts'

const eventOf = <T extends string, D extends TSchema>(type: T, data: D) =>
  Type.Object({
    /** Place in the one gapless sequence of the city; given by the relay after commit. */
    pos: Type.Integer(),
    id: Type.String(),
    type: Type.Literal(type),
    precinctId: Type.Union([Type.Integer(), Type.Null()]),
    stationId: Type.Union([Type.Integer(), Type.Null()]),
    /** When the server did it (its own clock). */
    at: Instant,
    data,
  })

/** Everything that happened, class A: never dropped. */
export const Event = Type.Union([
  eventOf('check-in:recorded', CheckInSummary),
  eventOf('check-in:reviewed', CheckInSummary),
  eventOf('window:opened', WindowChange),
  eventOf('window:overdue', WindowChange),
  eventOf('window:fulfilled', WindowChange),
  eventOf('window:missed', WindowChange),
  eventOf('window:corrected', WindowChange),
  eventOf('window:made-up', WindowChange),
  eventOf('window:excused', WindowChange),
  eventOf('window:unexcused', WindowChange),
  eventOf('alert:raised', Alert),
  eventOf('alert:changed', Alert),
  eventOf('alert:closed', Alert),
  eventOf('unit:started', Unit),
  eventOf('unit:ended', Unit),
  /** Its route, or its members: ask the roster again. */
  eventOf('unit:changed', Unit),
  eventOf('incident:reported', Incident),
  /** The route that a unit follows from now on, new or changed. */
  eventOf('route:assigned', PlannedRoute),
  eventOf('route:withdrawn', PlannedRoute),
  eventOf('notice:changed', NoticeChange),
  eventOf('feedback:given', FeedbackSummary),
  eventOf('incident:changed', Incident),
  eventOf('assignment:ordered', Assignment),
  eventOf('assignment:accepted', Assignment),
  eventOf('assignment:refused', Assignment),
  eventOf('assignment:en-route', Assignment),
  eventOf('assignment:on-scene', Assignment),
  eventOf('assignment:cleared', Assignment),
  eventOf('assignment:cancelled', Assignment),
  eventOf('assignment:reassigned', AssignmentReassigned),
  /** Taken from a unit of this place; what became of it is told where it is now. */
  eventOf('assignment:withdrawn', AssignmentWithdrawn),
  eventOf('handover:signed', HandoverChange),
  eventOf('message:sent', MessageCount),
  eventOf('message:read', MessageCount),
  eventOf('point:changed', PatrolPoint),
  /** Something was sent to a wall display, or taken back. */
  eventOf('wall:changed', WallChange),
  /** Heavy work began, moved on or ended. */
  eventOf('job:changed', Job),
  /** Much changed at once (an import): take a new snapshot. */
  eventOf('city:changed', Type.Object({ what: Type.String() })),
])
export type Event = Static<typeof Event>
export type EventType = Event['type']
export type EventOf<T extends EventType> = Extract<Event, { type: T }>

/** `GET /api/v1/events?after=…`: the next events visible to the session. */
export const EventPage = Type.Object({
  /** Where to ask from next: the position up to which this page is complete. */
  through: Type.Integer(),
  head: Type.Integer(),
  events: Type.Array(Event),
})
export type EventPage = Static<typeof EventPage>
