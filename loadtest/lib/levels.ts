/**
 * The load of each level of ARCHITECTURE §8. Plain constants without imports: k6 reads the same file.
 * Walls watch the whole city, consoles one of the 16 precincts each.
 */
export interface Level {
  points: number
  /** Points that are due once an hour instead of once a day. */
  hourlyPoints: number
  /** Check-ins sent one by one, per second. */
  singlesPerSecond: number
  /** Check-ins sent in batches of 50, per second. */
  batchedPerSecond: number
  /** Units that send breadcrumbs: each a batch of so many, every so many seconds. */
  units: number
  breadcrumbsPerBatch: number
  everySeconds: number
  walls: number
  consoles: number
  seconds: number
}

export const precinctCount = 16
export const stationsPerPrecinct = 7
export const pointCount = 7_791

/** Screens that parse every frame; the rest counts bytes. 34 walls and one console of each precinct. */
export const parsedScreens = { walls: 34, consoles: precinctCount }
export const batchSize = 50

export const levels: { L1: Level; L2: Level; L3: Level; 'election-eve': Level } = {
  L1: {
    points: pointCount,
    hourlyPoints: 0,
    singlesPerSecond: 10,
    batchedPerSecond: 0,
    units: 200,
    breadcrumbsPerBatch: 10,
    everySeconds: 5,
    walls: 50,
    consoles: 500,
    seconds: 60,
  },
  L2: {
    points: pointCount,
    hourlyPoints: 0,
    singlesPerSecond: 100,
    batchedPerSecond: 0,
    units: 2_000,
    breadcrumbsPerBatch: 10,
    everySeconds: 5,
    walls: 50,
    consoles: 500,
    seconds: 60,
  },
  L3: {
    points: pointCount,
    hourlyPoints: 0,
    singlesPerSecond: 100,
    batchedPerSecond: 900,
    units: 200,
    breadcrumbsPerBatch: 10,
    everySeconds: 5,
    walls: 50,
    consoles: 500,
    seconds: 60,
  },
  /**
   * Every point of the city is live, with 198 polling places and 368 candidates' offices, these due once an hour; 3,000 devices
   * send a position every 3 seconds to 300 screens.
   */
  'election-eve': {
    points: pointCount + 198 + 368,
    hourlyPoints: 368,
    singlesPerSecond: 20,
    batchedPerSecond: 0,
    units: 3_000,
    breadcrumbsPerBatch: 1,
    everySeconds: 3,
    walls: 40,
    consoles: 260,
    seconds: 60,
  },
}

/** L4: everybody comes back within a second after half an hour without a network. */
export const herd = {
  walls: 50,
  consoles: 500,
  devices: 2_000,
  checkInsPerDevice: 5,
  /** One every 5 s for 30 minutes. */
  breadcrumbsPerDevice: 360,
  outageMinutes: 30,
  withinMs: 1_000,
  /** Check-ins of others, recorded while the herd was away: what every screen has to catch up with. */
  missedCheckIns: 5_000,
}

/** L5: the sign-ins of one season, through the door in batches. */
export const history = {
  checkIns: 532_580,
  firstDay: '2021-05-01',
  lastDay: '2021-10-15',
  connections: 8,
  walls: 1,
  consoles: 1,
}
