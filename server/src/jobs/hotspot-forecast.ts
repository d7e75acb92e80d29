import { HotspotForecastInput } from '@patrol/contract'
import { computeHotspotForecast } from '../hotspot/compute-forecast.ts'
import { readDataVersion } from '../hotspot/read-counts.ts'
import { defineJob } from './heavy-job.ts'

export const hotspotForecastJob = defineJob({
  input: HotspotForecastInput,
  access: ['operator', 'duty-officer', 'supervisor', 'administrator'],
  version: async (db, { source }) => (await readDataVersion(db, source)).version,
  run: ({ db, ...context }, input) => computeHotspotForecast(db, input, context),
})
