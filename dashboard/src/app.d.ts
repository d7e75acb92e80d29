import type { WallProbe } from './lib/live/wall-probe.ts'

declare global {
  interface Window {
    /** Read-only view of the live state, for tests in a browser. */
    readonly __wall?: WallProbe
  }
}

export {}
