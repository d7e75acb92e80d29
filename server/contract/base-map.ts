import Type, { type Static } from 'typebox'

/** A base map from outside, by the server's settings. */
export const BaseMap = Type.Object({
  /** Address of its tiles in EPSG:3857, with `{z}`, `{x}` and `{y}`; without a host they are the server's own. */
  url: Type.String(),
  /** Pictures of 256 px, or vector tiles (MVT). */
  tiles: Type.Union([Type.Literal('picture'), Type.Literal('vector')]),
  attribution: Type.String(),
  /** Beyond it the last tiles are enlarged. */
  maxZoom: Type.Integer(),
})
export type BaseMap = Static<typeof BaseMap>

/** `GET /api/v1/map-settings`. */
export const MapSettings = Type.Object({ baseMap: Type.Union([BaseMap, Type.Null()]) })
export type MapSettings = Static<typeof MapSettings>
