import {
  isRecord,
  readAttributes,
  readBoolean,
  readHeading,
  readNonNegative,
  readNumber,
  readPercent,
  readPlace,
  readText,
  readTime,
  TrackerFormatError,
} from './read-fields.ts'
import { emptyPosition, type TrackerPosition } from './tracker-message.ts'

/** True for the shape of Traccar Client 9.x, whether or not it is complete. */
export function isTraccarJson(json: unknown): json is Record<string, unknown> {
  return isRecord(json) && ('location' in json || 'device_id' in json)
}

/** The reports of one message; `location` is one or a list of them. */
export function listTraccarLocations(json: Record<string, unknown>): unknown[] {
  return Array.isArray(json.location) ? json.location : [json.location]
}

/**
 * One `location` of Traccar Client 9.x. Metres, metres per second and a battery of 0–1; −1 is unknown; without
 * `coords` it is a keep-alive. The report's own alarm counts before that of `extras`.
 * @throws TrackerFormatError without a device, a time, or with coordinates that are none.
 */
export function parseTraccarLocation(location: unknown, deviceId: string | null): TrackerPosition {
  if (!deviceId) throw new TrackerFormatError('no device_id')
  if (!isRecord(location)) throw new TrackerFormatError('no location')
  const recordedAt = readTime(location.timestamp)
  if (!recordedAt) throw new TrackerFormatError('no timestamp')
  const coords = recordOf(location.coords)
  const battery = recordOf(location.battery)
  const extras = recordOf(location.extras)
  const place = readPlace(coords.latitude, coords.longitude)
  const level = readNonNegative(battery.level)

  return {
    ...emptyPosition(deviceId, recordedAt),
    ...place,
    valid: place && true,
    accuracyMeters: readNonNegative(coords.accuracy),
    altitudeMeters: place && readNumber(coords.altitude),
    speedMps: readNonNegative(coords.speed),
    headingDegrees: readHeading(coords.heading),
    // Two decimals: 0.29 × 100 is 28.999999999999996.
    batteryPercent: readPercent(level === null ? null : Math.round(level * 10_000) / 100),
    charging: readBoolean(battery.is_charging),
    moving: readBoolean(location.is_moving),
    mock: readBoolean(location.mock),
    alarm: readText(location.alarm) ?? readText(extras.alarm),
    event: readText(location.event),
    activity: readText(recordOf(location.activity).type),
    odometerMeters: readNonNegative(location.odometer),
    messageId: readText(location.uuid),
    attributes: readAttributes(Object.entries(extras), new Set(['alarm'])),
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {}
}
