import { parseTrackerRequest } from '../../tracking/protocols/detect.ts'
import type { TrackerPosition, TrackerRequest } from '../../tracking/protocols/tracker-message.ts'
import { listCaseFiles, readCaseFile, recordOf, type CaseRecord, type CaseResult } from './cases.ts'
import { compareTrackerAnswer, type TrackerAnswer } from './compare-trackers.ts'

/** Until the requests go to a running server, this proves the reading of messages, not the server's answer. */
export const TRACKERS_CAVEAT =
  'trackers: PARSERS ONLY, no server: devices, shifts and storage are not exercised'

/** Runs the tracker cases of a folder, or of one file, through the parsers. */
export function* runTrackerCases(path: string): Generator<CaseResult> {
  for (const file of listCaseFiles(path, '.json')) {
    const { root, cases } = readCaseFile(file, 'cases')
    for (const trackerCase of cases) {
      const receivedAt = new Date()
      const got = answerCase(trackerCase, receivedAt)
      const pass = compareTrackerAnswer(trackerCase.expect, got, recordOf(root.tolerances), receivedAt)
      yield { id: String(trackerCase.id), got, pass }
    }
  }
}

function answerCase(trackerCase: CaseRecord, receivedAt: Date): TrackerAnswer {
  const result = parseTrackerRequest(toTrackerRequest(recordOf(trackerCase.request), receivedAt))
  return result.status === 200
    ? { status: 200, positions: result.positions.map(describePosition) }
    : { status: 400, positions: [] }
}

function toTrackerRequest(request: CaseRecord, receivedAt: Date): TrackerRequest {
  const url = String(request.url)
  const [path = '/'] = url.split('?', 1)
  const headers = Object.entries(recordOf(request.headers)).map(
    ([name, value]) => [name.toLowerCase(), String(value)] as const,
  )
  return {
    method: String(request.method),
    path,
    query: new URLSearchParams(url.slice(path.length + 1)),
    headers: Object.fromEntries(headers),
    body: typeof request.body === 'string' ? request.body : '',
    receivedAt,
  }
}

/** A position under the names of the case files. */
export function describePosition(position: TrackerPosition): CaseRecord {
  return {
    deviceId: position.deviceId,
    time: position.recordedAt.toISOString(),
    lat: position.lat,
    lon: position.lon,
    valid: position.valid,
    accuracyM: position.accuracyMeters,
    altitudeM: position.altitudeMeters,
    speedMps: position.speedMps,
    courseDeg: position.headingDegrees,
    batteryPct: position.batteryPercent,
    charging: position.charging,
    motion: position.moving,
    mock: position.mock,
    alarm: position.alarm,
    event: position.event,
    trigger: position.event,
    activity: position.activity,
    odometerM: position.odometerMeters,
    uuid: position.messageId,
    cellTowers: position.cellTowers,
    wifiAccessPoints: position.wifiAccessPoints,
    attributes: position.attributes,
  }
}
