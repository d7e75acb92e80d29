import {
  readAttributes,
  readBoolean,
  readHeading,
  readKnots,
  readNonNegative,
  readNumber,
  readPercent,
  readPlace,
  readScalar,
  readText,
  readTime,
  TrackerFormatError,
} from './read-fields.ts'
import {
  emptyPosition,
  type CellTower,
  type TrackerPosition,
  type TrackerRequest,
  type WifiAccessPoint,
} from './tracker-message.ts'

const KNOWN = new Set(
  (
    'id deviceid timestamp lat lon location speed bearing heading altitude accuracy batt charge valid alarm mock ' +
    // A push token is a secret of the phone; it must not end up beside its track.
    'cell wifi event activity odometer uuid notificationToken'
  ).split(' '),
)

/**
 * OsmAnd and Traccar Client: the same names in the query (≤ 8) or in a form-encoded body (≥ 10); where both have a
 * name, the query counts. Speeds are knots. Without coordinates it is a keep-alive.
 * @throws TrackerFormatError without a device, or with coordinates or a time that are none.
 */
export function parseOsmand(request: TrackerRequest): TrackerPosition[] {
  const params = joinParams(request)
  const get = (...names: string[]) => names.map((name) => params.get(name)).find((value) => value) ?? null

  const deviceId = readText(get('id', 'deviceid')) ?? request.knownDeviceId
  if (!deviceId) throw new TrackerFormatError('no id')
  const [locationLat, locationLon] = (get('location') ?? '').split(',')
  const place = readPlace(get('lat') ?? locationLat, get('lon') ?? locationLon)

  return [
    {
      ...emptyPosition(deviceId, readTime(get('timestamp')) ?? request.receivedAt),
      ...place,
      valid: place && (get('valid') === null || readBoolean(get('valid')) === true),
      accuracyMeters: readNonNegative(get('accuracy')),
      altitudeMeters: readNumber(get('altitude')),
      speedMps: readKnots(get('speed')),
      headingDegrees: readHeading(get('bearing', 'heading')),
      batteryPercent: readPercent(get('batt')),
      charging: readBoolean(get('charge')),
      mock: readBoolean(get('mock')),
      alarm: readText(get('alarm')),
      event: readText(get('event')),
      activity: readText(get('activity')),
      odometerMeters: readNonNegative(get('odometer')),
      messageId: readText(get('uuid')),
      cellTowers: params.getAll('cell').flatMap(readCellTower),
      wifiAccessPoints: params.getAll('wifi').flatMap(readWifi),
      attributes: readAttributes(
        [...params].map(([name, value]) => [name, readScalar(value)] as const),
        KNOWN,
      ),
    },
  ]
}

function joinParams(request: TrackerRequest): URLSearchParams {
  return new URLSearchParams([...request.query, ...new URLSearchParams(request.body)])
}

function readCellTower(text: string): CellTower[] {
  const [mcc, mnc, lac, cellId, signalDbm] = text.split(',').map(readNumber)
  if (mcc == null || mnc == null || lac == null || cellId == null) return []
  return [{ mcc, mnc, lac, cellId, signalDbm: signalDbm ?? null }]
}

function readWifi(text: string): WifiAccessPoint[] {
  const [macAddress, signal] = text.split(',')
  return macAddress ? [{ macAddress: macAddress.replaceAll('-', ':'), signalDbm: readNumber(signal) }] : []
}
