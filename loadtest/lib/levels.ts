/**
 * The load of each level of ARCHITECTURE §8. Plain constants without imports: k6 reads the same file.
 * Walls watch the whole city, consoles one of the 16 precincts each.
 */
export interface Level {
  /** Check-ins sent one by one, per second. */
  singlesPerSecond: number
  /** Check-ins sent in batches of 50, per second. */
  batchedPerSecond: number
  breadcrumbsPerSecond: number
  /** Units that send breadcrumbs, each a batch of 10 every 5 seconds. */
  units: number
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
export const telemetry = { everySeconds: 5, breadcrumbsPerBatch: 10 }

export const levels: { L1: Level; L2: Level; L3: Level } = {
  L1: {
    singlesPerSecond: 10,
    batchedPerSecond: 0,
    breadcrumbsPerSecond: 400,
    units: 200,
    walls: 50,
    consoles: 500,
    seconds: 60,
  },
  L2: {
    singlesPerSecond: 100,
    batchedPerSecond: 0,
    breadcrumbsPerSecond: 4_000,
    units: 2_000,
    walls: 50,
    consoles: 500,
    seconds: 60,
  },
  L3: {
    singlesPerSecond: 100,
    batchedPerSecond: 900,
    breadcrumbsPerSecond: 400,
    units: 200,
    walls: 50,
    consoles: 500,
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

/** Election eve: every point is live and every candidate's office is due once an hour. */
export const electionEve = {
  points: 7_791,
  pollingPlaces: 198,
  candidateOffices: 368,
  livePoints: 8_357,
  devices: 3_000,
  everySeconds: 3,
  screens: 300,
}
