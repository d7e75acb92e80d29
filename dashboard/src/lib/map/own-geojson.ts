import type { Geometry, Position } from 'geojson'

/** A file that was opened on this machine. It stays here: no other screen and no server sees it. */
export interface OwnLayer {
  id: string
  /** Of the file, without its ending. */
  name: string
  features: { name: string; geometry: Geometry }[]
}

/** Why a file is not a layer: what is wrong, at which field of the file. */
export interface OwnLayerFault {
  kind: 'too-large' | 'no-json' | 'no-geojson' | 'no-features' | 'too-many' | 'wrong-field' | 'no-lon-lat'
  /** Such as `features[3].geometry.coordinates[0]`; empty for the whole file. */
  field: string
}

export const maxOwnBytes = 2_000_000
export const maxOwnFeatures = 5_000
export const maxOwnLayers = 8

/** Depth of nested arrays above one position. */
const depths: Record<string, number> = {
  Point: 0,
  MultiPoint: 1,
  LineString: 1,
  MultiLineString: 2,
  Polygon: 2,
  MultiPolygon: 3,
}

class FieldFault extends Error {
  readonly fault: OwnLayerFault
  constructor(kind: OwnLayerFault['kind'], field: string) {
    super(field)
    this.fault = { kind, field }
  }
}

/** Reads a GeoJSON file in longitude and latitude; keeps shapes and their names, drops every other property. */
export function readOwnLayer(
  file: { name: string; text: string },
  id: string,
): { layer: OwnLayer } | { fault: OwnLayerFault } {
  if (file.text.length > maxOwnBytes) return { fault: { kind: 'too-large', field: '' } }
  let root: unknown
  try {
    root = JSON.parse(file.text.replace(/^\uFEFF/, ''))
  } catch {
    return { fault: { kind: 'no-json', field: '' } }
  }
  try {
    const features = readFeatures(root)
    if (features.length === 0) throw new FieldFault('no-features', 'features')
    if (features.length > maxOwnFeatures) throw new FieldFault('too-many', 'features')
    return { layer: { id, name: file.name.replace(/\.(geo)?json$/i, '').slice(0, 60), features } }
  } catch (error) {
    if (error instanceof FieldFault) return { fault: error.fault }
    throw error
  }
}

function readFeatures(root: unknown): OwnLayer['features'] {
  if (!isObject(root)) throw new FieldFault('no-geojson', '')
  if (root['type'] === 'FeatureCollection') {
    const list = root['features']
    if (!Array.isArray(list)) throw new FieldFault('wrong-field', 'features')
    return list.map((one: unknown, nr) => readFeature(one, `features[${nr}]`))
  }
  if (root['type'] === 'Feature') return [readFeature(root, '')]
  if (typeof root['type'] === 'string' && root['type'] in depths)
    return [{ name: '', geometry: readGeometry(root, '') }]
  throw new FieldFault('no-geojson', 'type')
}

function readFeature(one: unknown, field: string): OwnLayer['features'][number] {
  if (!isObject(one) || one['type'] !== 'Feature') throw new FieldFault('wrong-field', join(field, 'type'))
  const properties = isObject(one['properties']) ? one['properties'] : {}
  const named = properties['name'] ?? properties['名稱'] ?? properties['title'] ?? ''
  return {
    name: typeof named === 'string' ? named.slice(0, 80) : '',
    geometry: readGeometry(one['geometry'], join(field, 'geometry')),
  }
}

function readGeometry(one: unknown, field: string): Geometry {
  if (!isObject(one)) throw new FieldFault('wrong-field', field)
  const depth = typeof one['type'] === 'string' ? depths[one['type']] : undefined
  if (depth === undefined) throw new FieldFault('wrong-field', join(field, 'type'))
  checkCoordinates(one['coordinates'], depth, join(field, 'coordinates'))
  return trustGeometry({ type: one['type'], coordinates: one['coordinates'] })
}

function checkCoordinates(value: unknown, depth: number, field: string): void {
  if (!Array.isArray(value)) throw new FieldFault('wrong-field', field)
  if (depth > 0) {
    if (value.length === 0) throw new FieldFault('wrong-field', field)
    for (const [nr, one] of value.entries()) checkCoordinates(one, depth - 1, `${field}[${nr}]`)
    return
  }
  const [lon, lat]: Position = value
  if (!Number.isFinite(lon) || !Number.isFinite(lat)) throw new FieldFault('wrong-field', field)
  // Metres of TWD97 read as degrees would lie in no sea.
  if (Math.abs(lon ?? 0) > 180 || Math.abs(lat ?? 0) > 90) throw new FieldFault('no-lon-lat', field)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const join = (field: string, name: string) => (field === '' ? name : `${field}.${name}`)

/** The one cast: every depth and number of it was checked above. */
function trustGeometry(checked: { type: unknown; coordinates: unknown }): Geometry {
  return checked as Geometry
}
