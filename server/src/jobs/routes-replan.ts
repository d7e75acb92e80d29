import Type from 'typebox'
import { replanUnit } from '../route/plan/replan-unit.ts'
import { defineJob } from './heavy-job.ts'

/** Plans the rest of a unit's route anew, in the name of who asked. Only the door of units starts it. */
export const routesReplan = defineJob({
  input: Type.Object({ unitId: Type.Integer(), officerId: Type.Integer() }),
  access: [],
  run: ({ db, now, osrmUrl, seed }, { unitId, officerId }) =>
    replanUnit(db, unitId, { officerId, now, osrmUrl, seed }),
})
