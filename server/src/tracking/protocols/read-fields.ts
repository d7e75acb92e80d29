import type { TrackerAttributes } from './tracker-message.ts'

/** A message that no retry can mend; its text is for the log. Caught in `detect.ts`, where it becomes a 400. */
export class TrackerFormatError extends Error {}

const KNOT_MPS = 1852 / 3600
const KMH_MPS = 1000 / 3600

// Below this a whole number is seconds, from here on milliseconds: the rule of Traccar's own server.
const FIRST_MILLISECOND_STAMP = 2 ** 31 - 1

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
// A "+" of a zone that was not escaped in a query arrives as a space.
const DATE_TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-]?\d\d:?\d\d)?$/i

/** A finite number from JSON or from text; null for anything else, `NaN` and the empty text included. */
export function readNumber(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value !== 'string' || !DECIMAL.test(value.trim())) return null
  const number = Number(value)
  return Number.isFinite(number) ? number : null
}

/** As `readNumber`, but negative is unknown: clients send −1 for speeds, accuracies and levels they do not have. */
export function readNonNegative(value: unknown): number | null {
  const number = readNumber(value)
  return number !== null && number >= 0 ? number : null
}

export function readHeading(value: unknown): number | null {
  const degrees = readNonNegative(value)
  return degrees !== null && degrees <= 360 ? degrees : null
}

export function readPercent(value: unknown): number | null {
  const percent = readNonNegative(value)
  return percent !== null && percent <= 100 ? percent : null
}

export function readKnots(value: unknown): number | null {
  const knots = readNonNegative(value)
  return knots === null ? null : knots * KNOT_MPS
}

export function readKmh(value: unknown): number | null {
  const kmh = readNonNegative(value)
  return kmh === null ? null : kmh * KMH_MPS
}

/** True and false in the spellings of clients; null for anything else. */
export function readBoolean(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value
  if (value === 1 || value === 0) return value === 1
  if (typeof value !== 'string') return null
  const word = value.trim().toLowerCase()
  if (word === 'true' || word === '1') return true
  return word === 'false' || word === '0' ? false : null
}

/** Text that is not blank; numbers are written out, since some clients send their id as one. */
export function readText(value: unknown): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : null
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
}

/**
 * Latitude and longitude, or null when one of them was not sent: half a place is no place.
 * @throws TrackerFormatError when they are sent but are no place on Earth.
 */
export function readPlace(lat: unknown, lon: unknown): { lat: number; lon: number } | null {
  if (isAbsent(lat) || isAbsent(lon)) return null
  const place = { lat: readNumber(lat), lon: readNumber(lon) }
  if (place.lat === null || place.lon === null) throw new TrackerFormatError('coordinates are no numbers')
  if (Math.abs(place.lat) > 90 || Math.abs(place.lon) > 180) {
    throw new TrackerFormatError('coordinates are out of range')
  }
  return { lat: place.lat, lon: place.lon }
}

/**
 * Seconds, milliseconds, ISO 8601 or `yyyy-MM-dd HH:mm:ss`; without a zone it is UTC. Null when nothing was sent.
 * @throws TrackerFormatError when something was sent that is no time: a made-up time would be worse than none.
 */
export function readTime(value: unknown): Date | null {
  if (isAbsent(value)) return null
  const number = readNumber(value)
  const time = number === null ? parseDateTime(value) : fromStamp(number)
  if (!time || Number.isNaN(time.getTime())) throw new TrackerFormatError('timestamp is not a time')
  return time
}

/** The scalar entries of an object whose names are not in `known`. */
export function readAttributes(
  entries: Iterable<readonly [string, unknown]>,
  known: ReadonlySet<string>,
): TrackerAttributes {
  // `fromEntries` defines, never assigns: a field named `__proto__` is a field.
  return Object.fromEntries(
    [...entries].flatMap(([name, value]) =>
      known.has(name) || !isScalar(value) ? [] : [[name, value] as const],
    ),
  )
}

/** Text as the number or boolean that it spells. */
export function readScalar(text: string): string | number | boolean {
  const number = readNumber(text)
  if (number !== null) return number
  return text === 'true' ? true : text === 'false' ? false : text
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
}

function fromStamp(stamp: number): Date {
  return new Date(stamp < FIRST_MILLISECOND_STAMP ? Math.round(stamp * 1000) : stamp)
}

function parseDateTime(value: unknown): Date | null {
  const match = typeof value === 'string' ? DATE_TIME.exec(value.trim()) : null
  if (!match) return null
  const zone = match[3] ?? 'Z'
  const signed = /^\d/.test(zone) ? `+${zone}` : zone
  const colon = signed.length === 5 ? `${signed.slice(0, 3)}:${signed.slice(3)}` : signed
  return new Date(`${match[1]}T${match[2]}${colon.toUpperCase()}`)
}
