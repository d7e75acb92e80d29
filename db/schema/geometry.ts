import { customType } from 'drizzle-orm/pg-core'

/** A WGS84 position, always longitude first. */
export type Position = [lon: number, lat: number]

/**
 * `geometry(Point, 4326)` as `[lon, lat]`. Our own type because drizzle's `geometry()` writes points
 * without their SRID, and PostGIS then refuses the column's constraint.
 */
export const pointGeometry = customType<{ data: Position; driverData: string }>({
  dataType: () => 'geometry(Point, 4326)',
  toDriver: ([lon, lat]) => `SRID=4326;POINT(${lon} ${lat})`,
  fromDriver: readPoint,
})

/** `geometry(MultiPolygon, 4326)`. Written and read as GeoJSON in SQL; the driver value is EWKB hex. */
export const multiPolygonGeometry = customType<{ data: string; driverData: string }>({
  dataType: () => 'geometry(MultiPolygon, 4326)',
})

/** `geometry(LineString, 4326)`, as above. */
export const lineGeometry = customType<{ data: string; driverData: string }>({
  dataType: () => 'geometry(LineString, 4326)',
})

/** `bytea` as a Buffer. */
export const bytes = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' })

/** Reads the EWKB hex of a point: byte order, type with the SRID flag, SRID, x, y. */
function readPoint(hex: string): Position {
  const buffer = Buffer.from(hex, 'hex')
  const hasSrid = (buffer.readUInt32LE(1) & 0x20000000) !== 0
  const offset = hasSrid ? 9 : 5
  return [buffer.readDoubleLE(offset), buffer.readDoubleLE(offset + 8)]
}
