import type { CheckInSummary, Tally } from '@patrol/contract'
import type { Freshness } from './freshness.ts'
import type { Latency } from './latency.ts'

/** What a test in a browser may read of a screen: `window.__wall`. */
export interface WallProbe {
  readonly lastPos: number
  /** By precinct id. */
  tallies(): Record<string, Tally>
  feed(): CheckInSummary[]
  latency(): Latency
  state(): {
    freshness: Freshness
    serviceOn: string | null
    points: number
    units: number
    onlineUnits: number
    alerts: number
    snapshots: number
    paintedFrames: number
  }
}

/** @param readPos gives `lastPos` its current value at each reading */
export function installProbe(readPos: () => number, probe: Omit<WallProbe, 'lastPos'>): () => void {
  const value = Object.freeze(
    Object.defineProperty({ ...probe }, 'lastPos', { get: readPos, enumerable: true }),
  )
  Object.defineProperty(window, '__wall', { value, configurable: true })
  return () => {
    Reflect.deleteProperty(window, '__wall')
  }
}
