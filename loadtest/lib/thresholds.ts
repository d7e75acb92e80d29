/**
 * What the system must hold, as in ARCHITECTURE §8. Milliseconds unless the name says seconds. Plain constants without
 * imports: the k6 scenarios and the Node generator share them.
 */
export const thresholds = {
  L1: { wallP50: 100, wallP95: 250, wallP99: 500, ackP95: 100, ackP99: 250 },
  L2: { wallP50: 100, wallP95: 400, wallP99: 1_000, ackP95: 200, ackP99: 500 },
  L3: { wallP50: 250, wallP95: 2_000, wallP99: 4_000, ackP95: 1_500, ackP99: 3_000 },
  'election-eve': { wallP50: 100, wallP95: 400, wallP99: 1_000, ackP95: 200, ackP99: 500 },
  L4: { screensEqualSeconds: 5, checkInsStoredSeconds: 60, breadcrumbsStoredSeconds: 180 },
  L5: { totalSeconds: 600 },
}

/** Seconds until everything is as before, counted from the moment the failed part accepts connections again. */
export const convergeSeconds = {
  'kill-api': 2,
  'redis-restart': 3,
  'redis-flush': 3,
  'postgres-restart': 3,
  'kill-worker': 3,
  'kill-relay': 3,
}
