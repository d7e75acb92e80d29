import { CityPlanInput } from '@patrol/contract'
import { covers } from '../organisation/scope.ts'
import { planCity } from '../route/plan/plan-city.ts'
import { defineJob } from './heavy-job.ts'

/** Plans the shifts of all stations of a precinct, or of the whole city for who has it in scope. */
export const routesCity = defineJob({
  input: CityPlanInput,
  access: ['duty-officer', 'supervisor', 'administrator'],
  drawsSeed: true,
  placeOf: async (_db, { precinctId }, scope) => {
    const place = { precinctId, stationId: null }
    return covers(scope, place) ? place : null
  },
  run: ({ db, now, osrmUrl, seed, requestedBy, report }, input) => {
    if (requestedBy === null) throw new Error('A plan is asked for by an officer.')
    return planCity(db, input, { now, osrmUrl, seed, requestedBy, report })
  },
})
