import type { JobKind } from '@patrol/contract'
import type { HeavyJob } from './heavy-job.ts'
import { hotspotForecastJob } from './hotspot-forecast.ts'
import { hotspotMapJob } from './hotspot-map.ts'
import { hotspotRebuild } from './hotspot-rebuild.ts'
import { routesCity } from './routes-city.ts'
import { routesPlan } from './routes-plan.ts'
import { routesReplan } from './routes-replan.ts'

/** All kinds of heavy work. A new one is a file, a line here and a name in the contract (job.ts). */
export const jobKinds: Record<JobKind, HeavyJob> = {
  'hotspots:rebuild': hotspotRebuild,
  'hotspots:map': hotspotMapJob,
  'hotspots:forecast': hotspotForecastJob,
  'routes:plan': routesPlan,
  'routes:replan': routesReplan,
  'routes:city': routesCity,
}
