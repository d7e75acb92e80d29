export type LonLat = [lon: number, lat: number]

const metersPerDegree = 111_320
const eastScale = (lat: number) => Math.cos((lat * Math.PI) / 180)

/** Flat distance in metres: within 0.1 % over a city. */
export function metersBetween(a: LonLat, b: LonLat): number {
  return Math.hypot((b[0] - a[0]) * eastScale((a[1] + b[1]) / 2), b[1] - a[1]) * metersPerDegree
}

/** The position so many metres to the east and north. */
export function shift([lon, lat]: LonLat, east: number, north: number): LonLat {
  return [lon + east / metersPerDegree / eastScale(lat), lat + north / metersPerDegree]
}

/** From `a` towards `b`, 0–1 of the way. */
export function between(a: LonLat, b: LonLat, share: number): LonLat {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share]
}

/** Degrees from north, clockwise, 0 to 360. */
export function headingFrom(a: LonLat, b: LonLat): number {
  const degrees = (Math.atan2((b[0] - a[0]) * eastScale(a[1]), b[1] - a[1]) * 180) / Math.PI
  return (degrees + 360) % 360
}

/** A normal deviate (Box–Muller). */
export function gaussian(): number {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())
}
