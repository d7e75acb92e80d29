import {
  bigint,
  date,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  smallint,
  text,
  timestamp,
  unique,
} from 'drizzle-orm/pg-core'
import { unit } from './shift.ts'

const cellIndex = () => bigint({ mode: 'bigint' })
const instant = () => timestamp({ withTimezone: true })

/** Every H3 cell (resolution 9) of the study area, with or without incidents: a statistic needs the zeros too. */
export const studyCell = pgTable(
  'study_cell',
  {
    cell: cellIndex().primaryKey(),
    precinctId: integer().notNull(),
    /** The station of that precinct which is nearest; null where it has none. */
    stationId: integer(),
    lon: doublePrecision().notNull(),
    lat: doublePrecision().notNull(),
  },
  (table) => [index().on(table.precinctId)],
)

/**
 * Incidents per cell (resolution 9). Each has an entry in `hours`, ascending: hours since 1970 by the clocks of Taiwan. So one row
 * answers for any period and any hour of the week, and a million incidents are some hundred thousand rows.
 */
export const incidentCell = pgTable(
  'incident_cell',
  {
    source: text().notNull(),
    category: text().notNull(),
    cell: cellIndex().notNull(),
    hours: integer().array().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.source, table.category, table.cell] }),
    // The score of a few cells, for routes and briefings.
    index().on(table.cell),
  ],
)

/** Cells whose incidents changed since they were counted: written by triggers on `incident`, emptied by a worker. */
export const incidentCellTouched = pgTable('incident_cell_touched', {
  source: text().notNull(),
  category: text().notNull(),
  cell: cellIndex().notNull(),
})

/** One computed map: what was asked, and what holds for all of its cells. */
export const hotspotMap = pgTable(
  'hotspot_map',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    /** What was asked and of which state of the data: asked again, it is the same map. */
    key: text().notNull().unique(),
    source: text().notNull(),
    /** Empty: all of the source. */
    categories: text().array().notNull(),
    /** Days in Asia/Taipei; the last one is included. */
    periodFrom: date({ mode: 'string' }).notNull(),
    periodTo: date({ mode: 'string' }).notNull(),
    resolution: smallint().notNull(),
    /** Hours of the week (0 is Monday 00–01) that count; null for all 168. */
    hours: smallint().array(),
    /** Incidents counted, and those of the period that lie in no cell of the study area. */
    cases: integer().notNull(),
    outside: integer().notNull(),
    /** Cells of the study area. */
    cells: integer().notNull(),
    /** Largest p that is still significant at the false discovery rate; 0 where none is. */
    pThreshold: doublePrecision().notNull(),
    permutations: integer().notNull(),
    seed: integer().notNull(),
    /** The newest incident of the source when it was computed. */
    dataThrough: instant(),
    computedAt: instant().notNull(),
  },
  (table) => [index().on(table.computedAt)],
)

/** The cells of a map that have incidents or are significant. */
export const hotspot = pgTable(
  'hotspot',
  {
    mapId: integer()
      .notNull()
      .references(() => hotspotMap.id, { onDelete: 'cascade' }),
    cell: cellIndex().notNull(),
    precinctId: integer().notNull(),
    stationId: integer(),
    count: integer().notNull(),
    /** Gi*, two-sided p, and p by permutation where it was asked for. */
    z: doublePrecision().notNull(),
    p: doublePrecision().notNull(),
    permutedP: doublePrecision(),
    /** 1 significantly hot, −1 cold, 0 neither, after Benjamini–Hochberg. */
    significant: smallint().notNull(),
  },
  (table) => [primaryKey({ columns: [table.mapId, table.cell] })],
)

/** Where the next days will see incidents, with the track record of forecasts made the same way before. */
export const hotspotForecast = pgTable(
  'hotspot_forecast',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    key: text().notNull().unique(),
    source: text().notNull(),
    categories: text().array().notNull(),
    periodFrom: date({ mode: 'string' }).notNull(),
    periodTo: date({ mode: 'string' }).notNull(),
    /** Incidents it learned from. */
    cases: integer().notNull(),
    areaKm2: doublePrecision().notNull(),
    cityKm2: doublePrecision().notNull(),
    /** `[{name, share}]`: what was chosen. */
    model: jsonb().notNull(),
    trackRecord: jsonb().notNull(),
    dataThrough: instant(),
    computedAt: instant().notNull(),
  },
  (table) => [index().on(table.source, table.computedAt)],
)

/** The foretold cells (resolution 10), best first. */
export const hotspotForecastCell = pgTable(
  'hotspot_forecast_cell',
  {
    forecastId: integer()
      .notNull()
      .references(() => hotspotForecast.id, { onDelete: 'cascade' }),
    rank: integer().notNull(),
    cell: cellIndex().notNull(),
    precinctId: integer(),
    score: real().notNull(),
  },
  (table) => [primaryKey({ columns: [table.forecastId, table.rank] })],
)

/** The order to visit a hotspot again and again for 10 to 16 minutes, at most every two hours. */
export const hotspotDosage = pgTable(
  'hotspot_dosage',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    cell: cellIndex().notNull(),
    precinctId: integer().notNull(),
    stationId: integer(),
    source: text().notNull(),
    categories: text().array().notNull(),
    /** Hours of the week in which visits are asked for; null for all. */
    hours: smallint().array(),
    startsOn: date({ mode: 'string' }).notNull(),
    /** Last day. */
    endsOn: date({ mode: 'string' }).notNull(),
    orderedBy: integer().notNull(),
    orderedAt: instant().notNull(),
    endedBy: integer(),
    endedAt: instant(),
    /** Up to where the tracks have been read for visits. */
    measuredThrough: instant(),
  },
  (table) => [index().on(table.precinctId, table.startsOn)],
)

/** A unit's presence in a hotspot, measured: kept here because the tracks themselves are soon dropped. */
export const hotspotVisit = pgTable(
  'hotspot_visit',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    dosageId: integer()
      .notNull()
      .references(() => hotspotDosage.id),
    unitId: integer()
      .notNull()
      .references(() => unit.id),
    arrivedAt: instant().notNull(),
    leftAt: instant().notNull(),
    /** Check-ins at points of the cell in that time. */
    checkIns: integer().notNull().default(0),
  },
  (table) => [unique().on(table.dosageId, table.unitId, table.arrivedAt)],
)
