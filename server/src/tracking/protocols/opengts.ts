import {
  readAttributes,
  readHeading,
  readKnots,
  readNumber,
  readPercent,
  readPlace,
  readScalar,
  readText,
  TrackerFormatError,
} from './read-fields.ts'
import { emptyPosition, type TrackerPosition, type TrackerRequest } from './tracker-message.ts'

const KNOWN = new Set(['id', 'gprmc', 'alt', 'batt'])

/**
 * OpenGTS over HTTP: an NMEA 0183 RMC sentence in `gprmc`, speed in knots. Status V is a fix that the receiver itself
 * calls invalid. The checksum is not judged: relays rewrite sentences and leave it as it was.
 * @throws TrackerFormatError without a device or with a sentence that cannot be read.
 */
export function parseOpengts(request: TrackerRequest): TrackerPosition[] {
  const deviceId = readText(request.query.get('id')) ?? request.knownDeviceId
  if (!deviceId) throw new TrackerFormatError('no id')
  const sentence = (request.query.get('gprmc') ?? '').trim().replace(/\*[0-9a-f]{0,2}$/i, '')
  const [type, clock, status, lat, northSouth, lon, eastWest, knots, course, day] = sentence.split(',')
  if (!/^\$?[A-Z]{2}RMC$/.test(type ?? '')) throw new TrackerFormatError('not an RMC sentence')
  if (status !== 'A' && status !== 'V') throw new TrackerFormatError('status is neither A nor V')
  const place = readPlace(
    readNmeaDegrees(lat, northSouth, 'N', 'S'),
    readNmeaDegrees(lon, eastWest, 'E', 'W'),
  )

  return [
    {
      ...emptyPosition(deviceId, readNmeaTime(day, clock)),
      ...place,
      valid: place && status === 'A',
      altitudeMeters: readNumber(request.query.get('alt')),
      speedMps: readKnots(knots),
      headingDegrees: readHeading(course),
      batteryPercent: readPercent(request.query.get('batt')),
      attributes: readAttributes(
        [...request.query].map(([name, value]) => [name, readScalar(value)] as const),
        KNOWN,
      ),
    },
  ]
}

/** `5006.747329`, `N` → 50.112…: degrees, then two digits of minutes; null when the field is empty. */
function readNmeaDegrees(
  text: string | undefined,
  sign: string | undefined,
  positive: string,
  negative: string,
): number | null {
  if (!text) return null
  const match = /^(\d{1,3})(\d\d(?:\.\d*)?)$/.exec(text)
  if (!match || (sign !== positive && sign !== negative)) {
    throw new TrackerFormatError('coordinates cannot be read')
  }
  const degrees = Number(match[1]) + Number(match[2]) / 60
  return sign === negative ? -degrees : degrees
}

/** `131018` and `082202.0`, both UTC. The sentence has two digits for the year; no tracker of ours is older than 2000. */
function readNmeaTime(day = '', clock = ''): Date {
  const date = /^(\d\d)(\d\d)(\d\d)$/.exec(day)
  const time = /^(\d\d)(\d\d)(\d\d(?:\.\d+)?)$/.exec(clock)
  const at = new Date(
    date && time ? `20${date[3]}-${date[2]}-${date[1]}T${time[1]}:${time[2]}:${time[3]}Z` : '',
  )
  if (Number.isNaN(at.getTime())) throw new TrackerFormatError('date or time cannot be read')
  return at
}
