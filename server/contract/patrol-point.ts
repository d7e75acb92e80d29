import Type, { type Static } from 'typebox'

export const PatrolPoint = Type.Object({
  id: Type.Integer(),
  code: Type.String(),
  name: Type.String(),
  category: Type.String(),
  /** 1 high-risk, 2 normal, 3 low. */
  priority: Type.Integer(),
  lon: Type.Number(),
  lat: Type.Number(),
  radiusMeters: Type.Integer(),
  address: Type.Union([Type.String(), Type.Null()]),
  village: Type.Union([Type.String(), Type.Null()]),
  precinctId: Type.Integer(),
  stationId: Type.Integer(),
  temporary: Type.Boolean(),
  synthetic: Type.Boolean(),
})
export type PatrolPoint = Static<typeof PatrolPoint>

export const Organisation = Type.Object({
  id: Type.Integer(),
  kind: Type.Union([
    Type.Literal('department'),
    Type.Literal('precinct'),
    Type.Literal('station'),
    Type.Literal('beat'),
  ]),
  parentId: Type.Union([Type.Integer(), Type.Null()]),
  precinctId: Type.Union([Type.Integer(), Type.Null()]),
  code: Type.String(),
  name: Type.String(),
  nameEn: Type.String(),
  lon: Type.Union([Type.Number(), Type.Null()]),
  lat: Type.Union([Type.Number(), Type.Null()]),
})
export type Organisation = Static<typeof Organisation>
