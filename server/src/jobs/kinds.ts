import type { JobKind } from '@patrol/contract'
import type { HeavyJob } from './heavy-job.ts'
import { hotspotRebuild } from './hotspot-rebuild.ts'

/** All kinds of heavy work. A new one is a file, a line here and a name in the contract (job.ts). */
export const jobKinds: Record<JobKind, HeavyJob> = {
  'hotspots:rebuild': hotspotRebuild,
}
