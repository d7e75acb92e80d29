import {
  isRecord,
  readAttributes,
  readHeading,
  readKmh,
  readNonNegative,
  readNumber,
  readPercent,
  readPlace,
  readText,
  readTime,
  TrackerFormatError,
} from './read-fields.ts'
import { emptyPosition, type TrackerPosition, type TrackerRequest } from './tracker-message.ts'

const KNOWN = new Set('_type lat lon tst acc alt vel cog batt bs t tid topic'.split(' '))

// `bs`: 0 unknown, 1 unplugged, 2 charging, 3 full; full means that it still hangs on the charger.
const CHARGING_BY_STATUS = new Map([
  [1, false],
  [2, true],
  [3, true],
])

/** True for an OwnTracks message of any type, also for a list of them. */
export function isOwntracks(json: unknown): boolean {
  const messages: unknown[] = Array.isArray(json) ? json : [json]
  return messages.every((message) => isRecord(message) && '_type' in message)
}

/** Location messages among what was sent; all other types are well-formed and ignored. */
export function listOwntracksLocations(json: unknown): Record<string, unknown>[] {
  const messages: unknown[] = Array.isArray(json) ? json : [json]
  return messages.filter(isRecord).filter((message) => message._type === 'location')
}

/**
 * One `_type: location` of OwnTracks in HTTP mode (booklet, tech/json.md). Velocity is km/h; the time is that of the
 * fix (`tst`), not of the message.
 * @throws TrackerFormatError without a time, a place or a device.
 */
export function parseOwntracksLocation(
  message: Record<string, unknown>,
  request: TrackerRequest,
): TrackerPosition {
  const recordedAt = readTime(message.tst)
  if (!recordedAt) throw new TrackerFormatError('no tst')
  const place = readPlace(message.lat, message.lon)
  if (!place) throw new TrackerFormatError('no lat or lon')
  const deviceId = identify(message, request)
  if (!deviceId) throw new TrackerFormatError('no topic, user and device, or tid')

  return {
    ...emptyPosition(deviceId, recordedAt),
    ...place,
    valid: true,
    accuracyMeters: readNonNegative(message.acc),
    altitudeMeters: readNumber(message.alt),
    speedMps: readKmh(message.vel),
    headingDegrees: readHeading(message.cog),
    batteryPercent: readPercent(message.batt),
    charging: CHARGING_BY_STATUS.get(readNumber(message.bs) ?? 0) ?? null,
    event: readText(message.t),
    attributes: readAttributes(Object.entries(message), KNOWN),
  }
}

/** Topic, then the headers, then the query, then what the door knows; the two letters of `tid` are the last resort. */
function identify(message: Record<string, unknown>, request: TrackerRequest): string | null {
  return (
    readText(message.topic) ??
    topicOf(request.headers['x-limit-u'], request.headers['x-limit-d']) ??
    topicOf(request.query.get('u'), request.query.get('d')) ??
    request.knownDeviceId ??
    readText(message.tid)
  )
}

function topicOf(user: unknown, device: unknown): string | null {
  const parts = [readText(user), readText(device)]
  return parts.includes(null) ? null : ['owntracks', ...parts].join('/')
}
