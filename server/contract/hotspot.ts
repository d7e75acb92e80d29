import Type, { type Static } from 'typebox'
import { Day, Instant } from './basics.ts'
import { IncidentSource } from './incident.ts'

const Nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
/** Hour of the week in Asia/Taipei: 0 is Monday 00–01, 167 Sunday 23–24. */
const HourOfWeek = Type.Integer({ minimum: 0, maximum: 167 })
/** Empty: all categories of the source. */
const Categories = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: 50, default: [] })

/** Input of the job `hotspots:map`; its result is `{mapId}`. */
export const HotspotMapInput = Type.Object({
  source: IncidentSource,
  categories: Categories,
  /** First and last day that count. */
  from: Day,
  to: Day,
  /** H3 resolution: 9 for streets, 8 for the whole city. */
  resolution: Type.Union([Type.Literal(8), Type.Literal(9)], { default: 9 }),
  /** Only incidents of these hours; null for all. */
  hours: Type.Union([Type.Array(HourOfWeek, { minItems: 1, maxItems: 168 }), Type.Null()], { default: null }),
  /** Draws per shown cell for p-values that need no normal distribution; 0 for none. */
  permutations: Type.Integer({ minimum: 0, maximum: 9_999, default: 0 }),
})
export type HotspotMapInput = Static<typeof HotspotMapInput>

/** Input of the job `hotspots:forecast`; its result is `{forecastId}`. */
export const HotspotForecastInput = Type.Object({
  source: IncidentSource,
  categories: Categories,
  horizonDays: Type.Integer({ minimum: 1, maximum: 90, default: 30 }),
  /** Past windows for the track record. */
  folds: Type.Integer({ minimum: 1, maximum: 24, default: 6 }),
})
export type HotspotForecastInput = Static<typeof HotspotForecastInput>

/** What can be asked about: `GET /api/v1/hotspot-facts`. */
export const HotspotFacts = Type.Object({
  sources: Type.Array(
    Type.Object({
      source: IncidentSource,
      from: Day,
      to: Day,
      cases: Type.Integer(),
      categories: Type.Array(Type.Object({ category: Type.String(), cases: Type.Integer() })),
    }),
  ),
  /** Cells of the study area; 0 while no precinct has an area. */
  studyCells: Type.Integer(),
})
export type HotspotFacts = Static<typeof HotspotFacts>

/** The village (里) around a cell's centre, to tell cells near one station apart. Null where none is imported, and for a cell whose count is not told. */
export const Village = Type.Object({ name: Type.String(), nameEn: Nullable(Type.String()) })
export type Village = Static<typeof Village>

export const HotspotCell = Type.Object({
  /** H3 index. */
  cell: Type.String(),
  precinctId: Type.Integer(),
  /** The nearest station of the precinct. */
  stationId: Nullable(Type.Integer()),
  village: Nullable(Village),
  /** Null below three: no cell is shown as single cases. */
  count: Nullable(Type.Integer()),
  /** Gi*, two-sided p, and p by permutation where it was asked for. */
  z: Type.Number(),
  p: Type.Number(),
  permutedP: Nullable(Type.Number()),
  /** 1 hot, −1 cold, 0 neither, after Benjamini–Hochberg at 5 %. */
  significant: Type.Integer(),
  /**
   * Hot times: 168 digits of base 36 for the cases expected in each hour of the week (its own profile, shrunk to the
   * precinct's where cases are few). 0 is less than half of what the listed cells have in an hour on average, and each
   * digit more is √2 times as many: 1 from half of it, 3 from as much, 11 from sixteen times. Null below three cases.
   */
  week: Nullable(Type.String()),
})
export type HotspotCell = Static<typeof HotspotCell>

/** `GET /api/v1/hotspot-maps/{id}`: the cells of one's own precincts; the statistic is over the whole city. */
export const HotspotMap = Type.Object({
  id: Type.Integer(),
  source: IncidentSource,
  categories: Type.Array(Type.String()),
  from: Day,
  to: Day,
  resolution: Type.Integer(),
  hours: Nullable(Type.Array(HourOfWeek)),
  /** Incidents counted in the city, and those of the period outside all precincts. */
  cases: Type.Integer(),
  outside: Type.Integer(),
  /** Cells of the study area, with and without incidents. */
  studyCells: Type.Integer(),
  pThreshold: Type.Number(),
  permutations: Type.Integer(),
  seed: Type.Integer(),
  /** The newest incident of the source when it was computed: the age of the data. */
  dataThrough: Nullable(Instant),
  computedAt: Instant,
  /** Cases of the cells of one's own that are not listed, having fewer than three each. */
  hiddenCases: Type.Integer(),
  cells: Type.Array(HotspotCell),
})
export type HotspotMap = Static<typeof HotspotMap>

/** `GET /api/v1/heat`: the newest computed map of each resolution, as the layer under a live map shows it. */
export const Heat = Type.Object({
  maps: Type.Array(
    Type.Object({
      /** H3 resolution, coarsest first. */
      resolution: Type.Integer(),
      source: IncidentSource,
      from: Day,
      to: Day,
      dataThrough: Nullable(Instant),
      /** Of one's own precincts, with three cases or more each. */
      cells: Type.Array(Type.Object({ cell: Type.String(), count: Type.Integer() })),
    }),
  ),
})
export type Heat = Static<typeof Heat>

/** How forecasts made the same way did in the last windows, each made from data before its window only. */
export const HotspotTrackRecord = Type.Object({
  folds: Type.Integer(),
  horizonDays: Type.Integer(),
  /** First day of the first window, last day of the last. */
  from: Day,
  to: Day,
  events: Type.Integer(),
  /** Predictive accuracy index at the area: ours, the plain counts, and the best possible in hindsight. */
  pai: Type.Record(Type.String(), Type.Number()),
  /** Share of the best possible PAI. */
  pei: Type.Number(),
  interval90: Nullable(Type.Tuple([Type.Number(), Type.Number()])),
  /** Share of the cases caught within a share of the area, against plain counting. */
  hitRates: Type.Array(Type.Object({ share: Type.Number(), ours: Type.Number(), countAll: Type.Number() })),
})
export type HotspotTrackRecord = Static<typeof HotspotTrackRecord>

/** `GET /api/v1/hotspot-forecasts`: the newest one for what was asked. */
export const HotspotForecast = Type.Object({
  id: Type.Integer(),
  source: IncidentSource,
  categories: Type.Array(Type.String()),
  from: Day,
  to: Day,
  cases: Type.Integer(),
  areaKm2: Type.Number(),
  cityKm2: Type.Number(),
  model: Type.Array(Type.Object({ name: Type.String(), share: Type.Number() })),
  trackRecord: HotspotTrackRecord,
  dataThrough: Nullable(Instant),
  computedAt: Instant,
  /** H3 cells of resolution 10 in one's own precincts, best first. */
  cells: Type.Array(Type.Object({ cell: Type.String(), rank: Type.Integer(), score: Type.Number() })),
})
export type HotspotForecast = Static<typeof HotspotForecast>

/** `POST /api/v1/hotspot-dosages`: asks for visits of 10 to 16 minutes, at most every two hours. */
export const HotspotDosageOrder = Type.Object({
  /** H3 index of resolution 9. */
  cell: Type.String({ pattern: '^[0-9a-f]{15}$' }),
  source: IncidentSource,
  categories: Categories,
  startsOn: Day,
  endsOn: Day,
  /** Hours of the week in which visits are wanted; left out: all. */
  hours: Type.Optional(Type.Array(HourOfWeek, { minItems: 1, maxItems: 168 })),
})
export type HotspotDosageOrder = Static<typeof HotspotDosageOrder>

/** Cases before and after in the visited cell, against the rest of its precinct. */
export const HotspotOutcome = Type.Object({
  days: Type.Integer(),
  /** Null where fewer than three. */
  before: Nullable(Type.Integer()),
  after: Nullable(Type.Integer()),
  precinctBefore: Type.Integer(),
  precinctAfter: Type.Integer(),
  /** (after / before) in the cell over the same in the precinct; below 1 it fell more than around. */
  ratio: Type.Number(),
  interval95: Type.Tuple([Type.Number(), Type.Number()]),
})
export type HotspotOutcome = Static<typeof HotspotOutcome>

export const HotspotDosage = Type.Object({
  id: Type.Integer(),
  cell: Type.String(),
  precinctId: Type.Integer(),
  stationId: Nullable(Type.Integer()),
  village: Nullable(Village),
  source: IncidentSource,
  categories: Type.Array(Type.String()),
  hours: Nullable(Type.Array(HourOfWeek)),
  startsOn: Day,
  endsOn: Day,
  endedAt: Nullable(Instant),
  /** Measured presence: visits of at least ten minutes two hours apart, shorter ones, and minutes together. */
  doses: Type.Integer(),
  shortVisits: Type.Integer(),
  minutes: Type.Number(),
  lastVisitAt: Nullable(Instant),
  /** Is a visit wanted now: within its days and hours, and none in the last two hours. */
  wantsVisit: Type.Boolean(),
  /** Null before it has begun. */
  outcome: Nullable(HotspotOutcome),
})
export type HotspotDosage = Static<typeof HotspotDosage>
