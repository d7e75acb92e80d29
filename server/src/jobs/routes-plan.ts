import Type from 'typebox'
import { planRoutes } from '../route/plan/plan-routes.ts'
import { defineJob } from './heavy-job.ts'

/** Plans the routes of a plan on record. Only the door of route plans starts it. */
export const routesPlan = defineJob({
  input: Type.Object({ planId: Type.String({ format: 'uuid' }) }),
  access: [],
  run: ({ db, now, osrmUrl, report }, { planId }) => planRoutes(db, planId, { now, osrmUrl, report }),
})
