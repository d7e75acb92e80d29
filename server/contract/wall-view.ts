import Type, { type Static } from 'typebox'
import { Instant } from './basics.ts'

const Id = Type.Integer({ minimum: 1, maximum: 2_147_483_647 })

/** Names of the layers that are switched on, as in a wall's `?layers=`; without them those of the wall's own. */
const Layers = Type.Optional(
  Type.Array(Type.String({ minLength: 1, maxLength: 20 }), { maxItems: 20, uniqueItems: true }),
)

/** What a wall's map shows: a place, or one of its own views by name (`city`, or a precinct's code or id). */
export const WallScene = Type.Union([
  Type.Object({
    kind: Type.Literal('place'),
    layers: Layers,
    lon: Type.Number({ minimum: -180, maximum: 180 }),
    lat: Type.Number({ minimum: -90, maximum: 90 }),
    /** Of the map of whoever sent it; a larger screen shows more around the same middle. */
    zoom: Type.Number({ minimum: 0, maximum: 22 }),
  }),
  Type.Object({
    kind: Type.Literal('view'),
    layers: Layers,
    view: Type.String({ minLength: 1, maxLength: 80 }),
  }),
])
export type WallScene = Static<typeof WallScene>

/** `POST /api/v1/wall-scenes`: keeps a scene under a name, in place of the one of that name. */
export const NewWallScene = Type.Object({
  /** Without commas, since a wall's address names several. */
  name: Type.String({ minLength: 1, maxLength: 40, pattern: '^[^,]*[^,\\s][^,]*$' }),
  scene: WallScene,
  /** Whose it is; within one's own scope, and without it the widest place of one's own. */
  organisationId: Type.Optional(Id),
})
export type NewWallScene = Static<typeof NewWallScene>

/** One in `GET /api/v1/wall-scenes`. */
export const NamedWallScene = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  scene: WallScene,
  organisation: Type.Object({ name: Type.String(), nameEn: Type.String() }),
  /** Name of who saved it. */
  by: Type.String(),
  savedAt: Instant,
})
export type NamedWallScene = Static<typeof NamedWallScene>

/** `POST /api/v1/wall-views`: sends a scene to displays of one's own scope; each returns to its playlist by itself. */
export const WallViewOrder = Type.Object({
  displayIds: Type.Array(Id, { minItems: 1, maxItems: 50, uniqueItems: true }),
  scene: WallScene,
  minutes: Type.Integer({ minimum: 1, maximum: 120 }),
})
export type WallViewOrder = Static<typeof WallViewOrder>

/** What was sent to a display and stands. */
export const WallView = Type.Object({
  id: Type.Integer(),
  scene: WallScene,
  /** Name of who sent it. */
  by: Type.String(),
  until: Instant,
  /** How long it still stands: a display's own clock may be wrong. */
  secondsLeft: Type.Number(),
})
export type WallView = Static<typeof WallView>

/** One display in `GET /api/v1/wall-views`. */
export const WallDisplay = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  /** What it may see. */
  organisation: Type.Object({ name: Type.String(), nameEn: Type.String() }),
  view: Type.Union([WallView, Type.Null()]),
})
export type WallDisplay = Static<typeof WallDisplay>

/** Event `wall:changed`: something was sent to a display, or taken back. */
export const WallChange = Type.Object({ displayId: Type.Integer() })
export type WallChange = Static<typeof WallChange>
