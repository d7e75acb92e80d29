import { parseOpengts } from './opengts.ts'
import { parseOsmand } from './osmand.ts'
import { isOwntracks, listOwntracksLocations, parseOwntracksLocation } from './owntracks.ts'
import { readText, TrackerFormatError } from './read-fields.ts'
import { isTraccarJson, listTraccarLocations, parseTraccarLocation } from './traccar-json.ts'
import type { TrackerPosition, TrackerProtocol, TrackerRequest, TrackerResult } from './tracker-message.ts'

/**
 * Tells the tracker formats apart at one address and reads the message. Pure, and never throws: what no client of
 * these formats sends is a 400, for clients repeat anything that is not 2xx and only a repeat that cannot help may end
 * there. Whether the device is known is the caller's question.
 */
export function parseTrackerRequest(request: TrackerRequest): TrackerResult {
  const { query } = request
  if (query.has('gprmc')) return accept('opengts', () => parseOpengts(request))

  const body = request.body.replace(/^\uFEFF/, '').trim()
  if (body === '') {
    return isEmptyOwntracks(request) ? acknowledge() : accept('osmand', () => parseOsmand(request))
  }
  if (!isJsonRequest(request, body)) return accept('osmand', () => parseOsmand({ ...request, body }))

  const json = parseJson(body)
  if (json === undefined) return refuse(isPub(request) ? 'owntracks' : 'traccar-json', 'body is not JSON')
  if (isTraccarJson(json) && !isOwntracks(json)) {
    const deviceId = readText(json.device_id) ?? request.knownDeviceId ?? readText(query.get('id'))
    return acceptEach('traccar-json', listTraccarLocations(json), (location) =>
      parseTraccarLocation(location, deviceId),
    )
  }
  if (!isOwntracks(json) && !isPub(request)) return refuse('traccar-json', 'JSON of no known shape')
  return acceptEach('owntracks', listOwntracksLocations(json), (message) =>
    parseOwntracksLocation(message, request),
  )
}

/** OwnTracks posts nothing at all where a friend was deleted; OsmAnd without a body has its device in the query. */
function isEmptyOwntracks(request: TrackerRequest): boolean {
  const { query, headers } = request
  if (query.has('id') || query.has('deviceid')) return false
  return isPub(request) || query.has('u') || 'x-limit-u' in headers || isJsonType(request)
}

function isPub(request: TrackerRequest): boolean {
  return /^\/pub(\/|$)/.test(request.path)
}

function isJsonType(request: TrackerRequest): boolean {
  return String(request.headers['content-type'] ?? '').includes('json')
}

// By the first character too: OwnTracks' older clients and many scripts post JSON as text or as a form.
function isJsonRequest(request: TrackerRequest, body: string): boolean {
  return isPub(request) || isJsonType(request) || /^[[{]/.test(body)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function accept(protocol: TrackerProtocol, parse: () => TrackerPosition[]): TrackerResult {
  const outcome = attempt(parse)
  if (typeof outcome === 'string') return refuse(protocol, outcome)
  return { status: 200, protocol, positions: outcome, reply: '', problems: [] }
}

/** Keeps what can be read of a batch, once per message id; a message of which nothing can be read is refused. */
function acceptEach<Item>(
  protocol: TrackerProtocol,
  items: Item[],
  parse: (item: Item) => TrackerPosition,
): TrackerResult {
  const outcomes = items.map((item) => attempt(() => parse(item)))
  const problems = outcomes.filter((outcome) => typeof outcome === 'string')
  const read = outcomes.filter((outcome) => typeof outcome !== 'string')
  if (problems[0] !== undefined && read.length === 0) return refuse(protocol, problems[0])

  const seen = new Set<string>()
  const positions = read.filter(({ messageId }) => {
    if (messageId === null) return true
    const isNew = !seen.has(messageId)
    seen.add(messageId)
    return isNew
  })
  return { status: 200, protocol, positions, reply: protocol === 'owntracks' ? '[]' : '', problems }
}

function acknowledge(): TrackerResult {
  return { status: 200, protocol: 'owntracks', positions: [], reply: '[]', problems: [] }
}

function refuse(protocol: TrackerProtocol, problem: string): TrackerResult {
  return { status: 400, protocol, problem }
}

/** The value, or the text of the format error; anything else is our own fault and is thrown on. */
function attempt<Value extends object>(parse: () => Value): Value | string {
  try {
    return parse()
  } catch (error) {
    if (error instanceof TrackerFormatError) return error.message
    throw error
  }
}
