const earthRadiusMeters = 6_371_008.8
const radians = Math.PI / 180

export interface LonLat {
  lon: number
  lat: number
}

/** Great-circle distance in metres (haversine on the mean sphere: within 0.5 % of the ellipsoid). */
export function distanceMeters(a: LonLat, b: LonLat): number {
  const sinLat = Math.sin(((b.lat - a.lat) * radians) / 2)
  const sinLon = Math.sin(((b.lon - a.lon) * radians) / 2)
  const h = sinLat * sinLat + Math.cos(a.lat * radians) * Math.cos(b.lat * radians) * sinLon * sinLon
  return 2 * earthRadiusMeters * Math.asin(Math.min(1, Math.sqrt(h)))
}
