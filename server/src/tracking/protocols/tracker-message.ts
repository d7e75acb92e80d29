export type TrackerProtocol = 'osmand' | 'traccar-json' | 'owntracks' | 'opengts'

/** One request at the trackers' address, with nothing interpreted yet. */
export interface TrackerRequest {
  method: string
  /** Path without the query, as sent. */
  path: string
  query: URLSearchParams
  /** Names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>
  /** The raw text; empty when there was none. */
  body: string
  /** The server's clock; the time of a position whose client sends none. */
  receivedAt: Date
  /** What the door knows already (pairing id in the path, HTTP Basic), for messages that name no device. */
  knownDeviceId?: string | null
}

/** Scalars a client sent beyond the fields below, as numbers and booleans where they are such. */
export type TrackerAttributes = Record<string, string | number | boolean>

export interface CellTower {
  mcc: number
  mnc: number
  lac: number
  cellId: number
  signalDbm: number | null
}

export interface WifiAccessPoint {
  macAddress: string
  signalDbm: number | null
}

/** One message of a device in our units. Unknown is null, never 0 and never −1. */
export interface TrackerPosition {
  /** What the message calls its device: a claim. A door that knows the device must go by what it knows. */
  deviceId: string
  recordedAt: Date
  /** Degrees; both or neither are null. Null is a keep-alive: the device lives, its place is not told. */
  lon: number | null
  lat: number | null
  /** False when the client itself calls the fix invalid; null without a place. */
  valid: boolean | null
  accuracyMeters: number | null
  altitudeMeters: number | null
  speedMps: number | null
  headingDegrees: number | null
  batteryPercent: number | null
  charging: boolean | null
  moving: boolean | null
  /** The client reported a simulated position: evidence, kept. */
  mock: boolean | null
  /** `sos` is an officer in distress. */
  alarm: string | null
  /** What made the client report: Traccar's `event`, OwnTracks' `t`. */
  event: string | null
  activity: string | null
  odometerMeters: number | null
  /** The client's own id of the message; a repeat is the same position. */
  messageId: string | null
  cellTowers: CellTower[]
  wifiAccessPoints: WifiAccessPoint[]
  attributes: TrackerAttributes
}

export type TrackerResult =
  | {
      status: 200
      protocol: TrackerProtocol
      positions: TrackerPosition[]
      /** What the client expects to read. */
      reply: '' | '[]'
      /** Items of a batch that were left out, with the reason: one bad item must not hold up the others. */
      problems: string[]
    }
  | { status: 400; protocol: TrackerProtocol; problem: string }

/** A position of which only device and time are known. */
export function emptyPosition(deviceId: string, recordedAt: Date): TrackerPosition {
  return {
    deviceId,
    recordedAt,
    lon: null,
    lat: null,
    valid: null,
    accuracyMeters: null,
    altitudeMeters: null,
    speedMps: null,
    headingDegrees: null,
    batteryPercent: null,
    charging: null,
    moving: null,
    mock: null,
    alarm: null,
    event: null,
    activity: null,
    odometerMeters: null,
    messageId: null,
    cellTowers: [],
    wifiAccessPoints: [],
    attributes: {},
  }
}
