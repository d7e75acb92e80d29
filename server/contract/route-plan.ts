import Type, { type Static } from 'typebox'
import { Instant, Latitude, Longitude } from './basics.ts'
import { PatrolMode } from './shift.ts'

const Uuid = Type.String({ format: 'uuid' })
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const Weight = Type.Number({ minimum: 0, maximum: 5, default: 1 })

/** What makes a point worth a visit; 0 leaves it out of account. */
export const RouteWeights = Type.Object(
  {
    /** Incidents around the point in the hours of the shift. */
    hotspot: Weight,
    /** A window is due in the shift. */
    windows: Weight,
    /** A window ran out in the last day. */
    overdue: Weight,
    /** The point belongs to a campaign (專案) of these days. */
    campaign: Weight,
    /** Nobody was there for long (見警率). */
    visibility: Weight,
  },
  { additionalProperties: false },
)
export type RouteWeights = Static<typeof RouteWeights>

/** `best-score`: the most within the shift; `all-points`: every point, windows kept; `fixed-list`: those named, in the best order. */
export const RouteGoal = Type.Union([
  Type.Literal('best-score'),
  Type.Literal('all-points'),
  Type.Literal('fixed-list'),
])
export type RouteGoal = Static<typeof RouteGoal>

/** 定線／不定線, or turn about from shift to shift. */
export const RouteLine = Type.Union([
  Type.Literal('fixed'),
  Type.Literal('variable'),
  Type.Literal('alternate'),
])

/** `POST /api/v1/route-plans`. */
export const RoutePlanRequest = Type.Object(
  {
    /** Made by the console: asked again, it is the same plan. */
    id: Uuid,
    shiftId: Type.Integer(),
    /** Units to plan for; none: all that patrol in this shift. */
    unitIds: Type.Array(Type.Integer(), { maxItems: 40, default: [] }),
    goal: RouteGoal,
    /** The points of a fixed list; for other goals those to choose from. None: all of the station. */
    pointIds: Type.Array(Type.Integer(), { maxItems: 300, default: [] }),
    weights: RouteWeights,
    line: RouteLine,
    /** How much longer than the best a route may be, in per cent. */
    tolerancePercent: Type.Number({ minimum: 0, maximum: 20, default: 5 }),
    visitSeconds: Type.Integer({ minimum: 30, maximum: 3_600, default: 300 }),
    /** Back to the station at the end; else it ends at the last stop. */
    closed: Type.Boolean({ default: true }),
    /** Visits to each high-risk point (priority 1) in the shift … */
    highRiskVisits: Type.Integer({ minimum: 1, maximum: 4, default: 1 }),
    /** … at least this far apart. */
    gapMinutes: Type.Integer({ minimum: 10, maximum: 240, default: 60 }),
    /** Must be visited, whatever they are worth. */
    fixedPointIds: Type.Array(Type.Integer(), { maxItems: 60, default: [] }),
    /** Never one directly after the other. */
    forbiddenPairs: Type.Array(Type.Array(Type.Integer(), { minItems: 2, maxItems: 2 }), {
      maxItems: 100,
      default: [],
    }),
    alternatives: Type.Integer({ minimum: 1, maximum: 5, default: 3 }),
    /** Search rounds for each unit. With the same seed they give the same routes. */
    iterations: Type.Integer({ minimum: 10, maximum: 200_000, default: 1_500 }),
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_147_483_647 })),
  },
  { additionalProperties: false },
)
export type RoutePlanRequest = Static<typeof RoutePlanRequest>

/** Why this unit drives this route (3R 適人、適地、適時): each 0 to 1. */
export const RouteMatch = Type.Object({
  /** Share of the skills that the points ask for. */
  skill: Type.Number(),
  /** 1 where the route was made for the unit's mode. */
  mode: Type.Number(),
  /** Share of the points that the unit's officers know: their beat, or visited lately. */
  beat: Type.Number(),
  /** 1 where the length of the route fits the hours on duty in the last week: the longest to the most rested. */
  load: Type.Number(),
  total: Type.Number(),
})
export type RouteMatch = Static<typeof RouteMatch>

export const PlannedStop = Type.Object({
  /** From 1. */
  sequence: Type.Integer(),
  pointId: Type.Integer(),
  code: Type.String(),
  name: Type.String(),
  lon: Longitude,
  lat: Latitude,
  arrivesAt: Instant,
  serviceSeconds: Type.Integer(),
  score: Type.Number(),
  fixed: Type.Boolean(),
  /** When the unit that follows the route signed there; null where it has not. */
  visitedAt: Type.Optional(orNull(Instant)),
})
export type PlannedStop = Static<typeof PlannedStop>

export const PlannedRouteState = Type.Union([
  Type.Literal('proposed'),
  Type.Literal('assigned'),
  Type.Literal('superseded'),
  Type.Literal('withdrawn'),
])

export const PlannedRoute = Type.Object({
  id: Uuid,
  planId: Uuid,
  precinctId: Type.Integer(),
  stationId: Type.Integer(),
  shiftId: Type.Integer(),
  unitId: Type.Integer(),
  callSign: Type.String(),
  mode: PatrolMode,
  /** 0 is the one proposed. */
  alternative: Type.Integer(),
  line: Type.Union([Type.Literal('fixed'), Type.Literal('variable')]),
  direction: Type.Union([Type.Literal('forward'), Type.Literal('reverse')]),
  startsAt: Instant,
  endsAt: Instant,
  travelSeconds: Type.Integer(),
  meters: Type.Integer(),
  score: Type.Number(),
  /** Share of all that the plan was about, 0 to 1. */
  coverage: Type.Number(),
  /** Against the best found: 1.03 costs 3 % more. */
  costRatio: Type.Number(),
  /** Hits of an observer of the last shifts against chance: 1 is chance. Null without earlier shifts. */
  predictability: orNull(Type.Number()),
  match: orNull(RouteMatch),
  state: PlannedRouteState,
  stops: Type.Array(PlannedStop),
})
export type PlannedRoute = Static<typeof PlannedRoute>

export const TravelSource = Type.Union([
  Type.Literal('osrm'),
  Type.Literal('road-graph'),
  Type.Literal('estimate'),
])

export const RoutePlan = Type.Object({
  id: Uuid,
  precinctId: Type.Integer(),
  stationId: Type.Integer(),
  shiftId: Type.Integer(),
  state: Type.Union([
    Type.Literal('planning'),
    Type.Literal('ready'),
    Type.Literal('failed'),
    Type.Literal('cancelled'),
  ]),
  /** Why it failed: `no-units`, `no-points`, `no-shift` or `failed`. */
  problem: orNull(Type.String()),
  /** The job that plans it, to follow and to cancel; null before it is queued. */
  jobId: orNull(Type.Integer()),
  /** 0 to 1. */
  progress: Type.Number(),
  /** Where the travel times came from. */
  travelSource: orNull(TravelSource),
  request: RoutePlanRequest,
  requestedAt: Instant,
  routes: Type.Array(PlannedRoute),
})
export type RoutePlan = Static<typeof RoutePlan>

/** `PUT /api/v1/planned-routes/{id}/stops`: the stops in their new order. */
export const StopOrder = Type.Object(
  { pointIds: Type.Array(Type.Integer(), { minItems: 1, maxItems: 100 }) },
  { additionalProperties: false },
)

/** A shift that can be planned for, with its units. */
export const PlannerShift = Type.Object({
  id: Type.Integer(),
  precinctId: Type.Integer(),
  stationId: Type.Integer(),
  band: Type.Union([Type.Literal('lateNight'), Type.Literal('day'), Type.Literal('evening')]),
  startsAt: Instant,
  endsAt: Instant,
  units: Type.Array(
    Type.Object({
      id: Type.Integer(),
      callSign: Type.String(),
      mode: PatrolMode,
      members: Type.Array(Type.String()),
      /** The route it follows; null for none. */
      plannedRouteId: orNull(Uuid),
    }),
  ),
})
export type PlannerShift = Static<typeof PlannerShift>

const Band = Type.Union([Type.Literal('lateNight'), Type.Literal('day'), Type.Literal('evening')])

/** `GET /api/v1/planner`: stations and their shifts, from now to two days ahead. */
export const PlannerChoices = Type.Object({
  stations: Type.Array(
    Type.Object({
      id: Type.Integer(),
      precinctId: Type.Integer(),
      name: Type.String(),
      nameEn: Type.String(),
      lon: orNull(Longitude),
      lat: orNull(Latitude),
    }),
  ),
  /** Of the station asked for. */
  shifts: Type.Array(PlannerShift),
  /** When shifts of the scope begin, for planning all that begin together. Stations and units with patrol duty. */
  starts: Type.Array(
    Type.Object({
      band: Band,
      startsAt: Instant,
      endsAt: Instant,
      stations: Type.Integer(),
      units: Type.Integer(),
    }),
  ),
})
export type PlannerChoices = Static<typeof PlannerChoices>

const RouteLeg = Type.Object({
  /** `[lon, lat]`, at least two. */
  line: Type.Array(Type.Tuple([Longitude, Latitude])),
  /** False where no road is known: the straight line, which is an estimate. */
  onRoad: Type.Boolean(),
})

/**
 * `GET /api/v1/planned-routes/{id}/line`: the way on the map, one leg from stop to stop. The first comes from the station, or from where
 * the unit was when it was planned anew; the last goes back where the plan says so.
 */
export const RouteLines = Type.Object({ legs: Type.Array(RouteLeg) })
export type RouteLines = Static<typeof RouteLines>

/** `GET /api/v1/duty/line`: the way of the route that the officer's unit follows. No legs, and null, without one. */
export const DutyLine = Type.Object({
  /** `plannedRouteVersion` of the duty that it belongs to. */
  version: orNull(Type.String()),
  legs: Type.Array(RouteLeg),
})
export type DutyLine = Static<typeof DutyLine>

/** `GET /api/v1/planned-routes/lines`: the ways of all routes that are followed now. */
export const NamedRouteLines = Type.Object({
  /** Of the route. */
  id: Uuid,
  legs: Type.Array(RouteLeg),
})
export type NamedRouteLines = Static<typeof NamedRouteLines>

/** Input of the job `routes:city`: the shifts of all stations that begin at one time, each planned as an ordinary plan. */
export const CityPlanInput = Type.Object(
  {
    startsAt: Instant,
    /** Only the stations of this precinct; null: of the whole city, for who has it all in scope. */
    precinctId: orNull(Type.Integer()),
    /** The same for all stations. */
    settings: Type.Pick(RoutePlanRequest, [
      'weights',
      'line',
      'tolerancePercent',
      'visitSeconds',
      'closed',
      'highRiskVisits',
      'gapMinutes',
      'iterations',
    ]),
  },
  { additionalProperties: false },
)
export type CityPlanInput = Static<typeof CityPlanInput>

/** Its answer. */
export const CityPlanResult = Type.Object({
  startsAt: Instant,
  /** The area asked for; null is the whole city. */
  precinctId: orNull(Type.Integer()),
  /** Units with a route. */
  units: Type.Integer(),
  precincts: Type.Integer(),
  /** How long the job took. */
  seconds: Type.Number(),
  stations: Type.Array(
    Type.Object({
      precinctId: Type.Integer(),
      stationId: Type.Integer(),
      shiftId: Type.Integer(),
      /** Null where there is none: `problem` says why. */
      planId: orNull(Uuid),
      problem: orNull(Type.Union([Type.Literal('no-units'), Type.Literal('no-points')])),
      units: Type.Integer(),
      stops: Type.Integer(),
      travelSeconds: Type.Integer(),
      /** Share of what all points of the station are worth, 0 to 1. */
      coverage: Type.Number(),
    }),
  ),
})
export type CityPlanResult = Static<typeof CityPlanResult>
