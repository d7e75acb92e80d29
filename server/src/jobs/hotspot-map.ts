import { HotspotMapInput } from '@patrol/contract'
import { computeHotspotMap } from '../hotspot/compute-map.ts'
import { readDataVersion } from '../hotspot/read-counts.ts'
import { defineJob } from './heavy-job.ts'

export const hotspotMapJob = defineJob({
  input: HotspotMapInput,
  access: ['operator', 'duty-officer', 'supervisor', 'administrator'],
  version: async (db, { source }) => (await readDataVersion(db, source)).version,
  run: ({ db, ...context }, input) => computeHotspotMap(db, input, context),
})
