import { request as sendRequest } from 'node:http'
import { parseTrackerRequest } from '../../tracking/protocols/detect.ts'
import type { TrackerPosition } from '../../tracking/protocols/tracker-message.ts'
import { listCaseFiles, readCaseFile, recordOf, type CaseRecord, type CaseResult } from './cases.ts'
import { compareTrackerAnswer } from './compare-trackers.ts'
import { forgetPositions, readStoredPositions } from './stored-positions.ts'
import { startTrackerServer, type TrackerServer } from './tracker-server.ts'

export const TRACKERS_CAVEAT =
  'trackers: each message goes to a server of this program on a throwaway database; the status is its answer, and the ' +
  'positions are read back from its tables (a battery there is whole percent), in the order of the message'

/** A message of a case as it goes to the door. */
interface Message {
  method: string
  path: string
  headers: Record<string, string>
  body: string
}

/** Sends the cases of a folder, or of one file, to a running server, and compares its answer and what it stored. */
export async function* runTrackerCases(path: string): AsyncGenerator<CaseResult> {
  const cases = listCaseFiles(path, '.json').flatMap((file) => {
    const { root, cases: own } = readCaseFile(file, 'cases')
    return own.map((one) => ({
      id: String(one.id),
      message: readMessage(recordOf(one.request)),
      expect: one.expect,
      tolerances: recordOf(root.tolerances),
    }))
  })
  const server = await startTrackerServer(new Set(cases.flatMap(listDeviceIds)))
  try {
    for (const { id, message, expect, tolerances } of cases) {
      const sentAt = new Date()
      const got = await answerMessage(server, message)
      yield { id, got, pass: compareTrackerAnswer(expect, got, tolerances, sentAt) }
    }
  } finally {
    await server.stop()
  }
}

async function answerMessage(server: TrackerServer, message: Message) {
  await forgetPositions(server.db)
  const status = await sendMessage(server.origin, message)
  const positions = await readStoredPositions(server.db)
  return { status, positions: orderAsSent(positions, readPositions(message)) }
}

/** Every device id that the cases name: those expected, and those that the messages claim. */
function listDeviceIds({ message, expect }: { message: Message; expect: unknown }): string[] {
  const { status, positions } = recordOf(expect)
  if (status === 401) return []
  const expected = Array.isArray(positions) ? positions.map((position) => recordOf(position).deviceId) : []
  return [...expected, ...readPositions(message).map(({ deviceId }) => deviceId)].filter(
    (id) => typeof id === 'string',
  )
}

/** The table knows when a position was, not its place in a batch: that, and nothing else, is taken from our own reading. */
function orderAsSent(stored: CaseRecord[], sent: readonly TrackerPosition[]): CaseRecord[] {
  const keyOf = (deviceId: unknown, time: unknown) => `${String(time)} ${String(deviceId)}`
  const order = new Map(sent.map((one, i) => [keyOf(one.deviceId, one.recordedAt.toISOString()), i]))
  const rank = (position: CaseRecord) => order.get(keyOf(position.deviceId, position.time)) ?? sent.length
  return stored.toSorted((a, b) => rank(a) - rank(b))
}

/** Cases are written for a server whose root takes trackers; ours takes them at `/trackers`, OwnTracks also at `/pub`. */
function readMessage(request: CaseRecord): Message {
  const url = String(request.url)
  const [path = '/'] = url.split('?', 1)
  const isPub = /^\/pub(\/|$)/.test(path)
  const headers = Object.entries(recordOf(request.headers)).map(
    ([name, value]) => [name.toLowerCase(), String(value)] as const,
  )
  return {
    method: String(request.method),
    path: `${isPub ? path : '/trackers'}${url.slice(path.length)}`,
    headers: Object.fromEntries(headers),
    body: typeof request.body === 'string' ? request.body : '',
  }
}

function readPositions({ method, path, headers, body }: Message): TrackerPosition[] {
  const { pathname, searchParams: query } = new URL(path, 'http://trackers')
  const result = parseTrackerRequest({ method, path: pathname, query, headers, body, receivedAt: new Date() })
  return result.status === 200 ? result.positions : []
}

function sendMessage(origin: string, { method, path, headers, body }: Message): Promise<number> {
  const bytes = Buffer.from(body)
  return new Promise((resolve, reject) => {
    const outgoing = sendRequest(
      origin,
      {
        method,
        // What may not stand in a request line is written as a browser would.
        path: path.replace(/[^\x21-\x7e]/gu, encodeURIComponent),
        headers: {
          ...headers,
          ...(method === 'GET' && body === '' ? {} : { 'content-length': bytes.length }),
        },
      },
      (response) => {
        response
          .once('error', reject)
          .once('end', () => resolve(response.statusCode ?? 0))
          .resume()
      },
    )
    outgoing.once('error', reject).end(bytes)
  })
}
