import Type, { type Static } from 'typebox'
import { Instant } from './basics.ts'

const Id = Type.Integer({ minimum: 1, maximum: 2_147_483_647 })

/** `POST /api/v1/joint-defenses`: 區域聯防. */
export const JointDefenseOrder = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 80, pattern: '\\S' }),
  precinctIds: Type.Array(Id, { minItems: 2, maxItems: 16, uniqueItems: true }),
})
export type JointDefenseOrder = Static<typeof JointDefenseOrder>

/** Precincts whose duty officers see and send each other's units, until it ends. */
export const JointDefense = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  precinctIds: Type.Array(Type.Integer()),
  createdAt: Instant,
})
export type JointDefense = Static<typeof JointDefense>
