import type {
  Alert,
  AlertPerformance,
  AlertRule,
  AudioLease,
  CardKind,
  CheckIn,
  CheckInSummary,
  Device,
  DisplayCodes,
  EventPage,
  Evidence,
  FeedbackEntry,
  Heat,
  Login,
  MapSettings,
  Me,
  MissedDecision,
  MissedWindowPage,
  NamedWallScene,
  NewSuppression,
  NewWallScene,
  Notice,
  NoticeDraft,
  NoticeReceipt,
  Organisation,
  OutOfService,
  PairedDisplay,
  PatrolPoint,
  NamedRouteLines,
  PlannedRoute,
  PlaybackScene,
  PlaybackSpan,
  PlaybackTicks,
  Problem,
  ProblemCode,
  Review,
  ReviewItem,
  ReviewPage,
  RuleSetting,
  Shelving,
  Suppression,
  UnitGaps,
  WallApproval,
  WallDisplay,
  WallPairing,
  WallSnapshot,
  WallView,
  WallViewOrder,
} from '@patrol/contract'
import type { FeatureCollection, LineString } from 'geojson'

/** The server's own error, or `UNAVAILABLE` when no answer of ours came at all. */
export class ApiProblem extends Error {
  readonly code: ProblemCode
  readonly status: number

  constructor(problem: Problem, status: number) {
    super(problem.message)
    this.code = problem.code
    this.status = status
  }
}

export function hasCode(error: unknown, code: ProblemCode): boolean {
  return error instanceof ApiProblem && error.code === code
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** @throws ApiProblem for every answer but 2xx, and when there is none within 20 s */
export async function ask<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' }
  // A form of another site cannot send this header: the server's guard against forged requests.
  if (method !== 'GET') headers['x-requested-with'] = 'patrol'
  if (body !== undefined) headers['content-type'] = 'application/json'
  const init: RequestInit = { method, headers, signal: AbortSignal.timeout(20_000) }
  if (body !== undefined) init.body = JSON.stringify(body)

  let response: Response
  try {
    response = await fetch(`/api/v1${path}`, init)
  } catch (error) {
    throw new ApiProblem({ code: 'UNAVAILABLE', message: String(error) }, 0)
  }
  const text = await response.text()
  if (!response.ok) throw new ApiProblem(readProblem(text), response.status)
  return trust<T>(text === '' ? undefined : JSON.parse(text))
}

/** The one cast of answers: server and dashboard are built from the same contract and served by the same origin. */
function trust<T>(answer: unknown): T {
  return answer as T
}

/** A proxy in front of the server may answer something that is not ours, such as an HTML page. */
function readProblem(text: string): Problem {
  try {
    const problem = trust<Partial<Problem>>(JSON.parse(text))
    if (problem.code && problem.message !== undefined) return { code: problem.code, message: problem.message }
  } catch {
    return { code: 'UNAVAILABLE', message: text.slice(0, 200) }
  }
  return { code: 'UNAVAILABLE', message: text.slice(0, 200) }
}

export interface TrackProperties {
  unitId: number
  /** One ISO instant per coordinate. */
  times: string[]
}
export type Tracks = FeatureCollection<LineString, TrackProperties>

export const readSession = () => ask<Me>('GET', '/session')
export const logIn = (login: Login) => ask<Me>('POST', '/session', login)
export const logOut = () => ask<void>('DELETE', '/session')

export const requestPairing = () => ask<WallPairing>('POST', '/wall-displays', {})
export const claimPairing = ({ displayId, claim }: WallPairing) =>
  ask<Me>('POST', '/wall-displays/claim', { displayId, claim })
export const approvePairing = (approval: WallApproval) =>
  ask<unknown>('POST', '/wall-displays/approval', approval)

export const readDisplayCodes = () => ask<DisplayCodes>('GET', '/display-codes')
export const readDisplays = () => ask<{ displays: PairedDisplay[] }>('GET', '/wall-displays')
export const revokeDisplay = (id: number) => ask<void>('DELETE', `/wall-displays/${id}`)
export const readDevices = () => ask<{ devices: Device[] }>('GET', '/devices')
export const decideDevice = (id: string, what: 'approve' | 'revoke') =>
  ask<Device>('POST', `/devices/${id}/${what}`, {})
export const readWallDisplays = () => ask<{ displays: WallDisplay[] }>('GET', '/wall-views')
export const sendWallView = (order: WallViewOrder) => ask<void>('POST', '/wall-views', order)
export const endWallView = (displayId: number) =>
  ask<void>('POST', `/wall-displays/${displayId}/view/end`, {})
export const readWallScenes = () => ask<{ scenes: NamedWallScene[] }>('GET', '/wall-scenes')
export const saveWallScene = (scene: NewWallScene) => ask<NamedWallScene>('POST', '/wall-scenes', scene)
export const removeWallScene = (id: number) => ask<void>('DELETE', `/wall-scenes/${id}`)
export const readWallView = () => ask<{ view: WallView | null }>('GET', '/wall-view')

export const takeSnapshot = () => ask<WallSnapshot>('GET', '/wall')
export const readMapSettings = () => ask<MapSettings>('GET', '/map-settings')
export const readRouteLines = () => ask<{ lines: NamedRouteLines[] }>('GET', '/planned-routes/lines')
export const readRoutes = () => ask<{ routes: PlannedRoute[] }>('GET', '/planned-routes')
export const readHeat = () => ask<Heat>('GET', '/heat')
export const readEvents = (after: number, limit = 2_000) =>
  ask<EventPage>('GET', `/events?after=${after}&limit=${limit}`)
export const readTracks = (sinceMs: number) =>
  ask<Tracks>('GET', `/tracks?since=${encodeURIComponent(new Date(sinceMs).toISOString())}`)
export const readCheckIns = (limit: number, role?: CheckIn['role']) =>
  ask<{ checkIns: CheckInSummary[] }>('GET', `/check-ins?${writeQuery({ limit, role })}`)
export const acknowledgeAlert = (id: number) => ask<Alert>('POST', `/alerts/${id}/acknowledge`, {})

const instant = (ms: number) => encodeURIComponent(new Date(ms).toISOString())
export const readPlaybackScene = (atMs: number) =>
  ask<PlaybackScene>('GET', `/playback/scene?at=${instant(atMs)}`)
export const readPlaybackSpan = (fromMs: number, toMs: number) =>
  ask<PlaybackSpan>('GET', `/playback/span?from=${instant(fromMs)}&to=${instant(toMs)}`)
export const readPlaybackTicks = (on: string) => ask<PlaybackTicks>('GET', `/playback/ticks?on=${on}`)
export const readUnitGaps = (unitId: number, on: string) =>
  ask<UnitGaps>('GET', `/playback/units/${unitId}/gaps?on=${on}`)
export const tellSceneImage = (atMs: number) =>
  ask<void>('POST', '/playback/images', { at: new Date(atMs).toISOString() })

export const readOrganisations = () => ask<{ organisations: Organisation[] }>('GET', '/organisations')
export const readPoints = () => ask<{ points: PatrolPoint[] }>('GET', '/patrol-points?limit=10000')
export const readNotices = () => ask<{ notices: Notice[] }>('GET', '/notices')
export const issueNotice = (draft: NoticeDraft) => ask<Notice>('POST', '/notices', draft)
export const endNotice = (id: number) => ask<Notice>('POST', `/notices/${id}/end`, {})
export const readNoticeReceipts = (id: number) =>
  ask<{ receipts: NoticeReceipt[] }>('GET', `/notices/${id}/receipts`)
export const readFeedbackAbout = (kind: CardKind, refId: number) =>
  ask<{ feedback: FeedbackEntry[] }>('GET', `/feedback?kind=${kind}&refId=${refId}`)
export const readFeedback = () => ask<{ feedback: FeedbackEntry[] }>('GET', '/feedback')
export const readReviews = (query: Query) => ask<ReviewPage>('GET', `/reviews?${writeQuery(query)}`)
export const readEvidence = (checkInId: string) => ask<Evidence>('GET', `/check-ins/${checkInId}/evidence`)
export const sendReview = (checkInId: string, review: Review) =>
  ask<ReviewItem>('POST', `/check-ins/${checkInId}/review`, review)
export const readMissedWindows = (query: Query) =>
  ask<MissedWindowPage>('GET', `/missed-windows?${writeQuery(query)}`)
export const decideMissedWindow = (windowId: number, decision: MissedDecision) =>
  ask<void>('POST', `/patrol-windows/${windowId}/decide`, decision)
export const proposeMakeUp = (windowId: number, reason: string) =>
  ask<void>('POST', `/patrol-windows/${windowId}/make-up`, { reason })
export const photoUrl = (id: string) => `/api/v1/check-in-photos/${id}`

type Query = Record<string, string | number | boolean | undefined>

/** What is empty is no filter. */
function writeQuery(query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
}
const actOn = (id: number, act: string, body: object = {}) => ask<Alert>('POST', `/alerts/${id}/${act}`, body)
export const shelveAlert = (id: number, shelving: Shelving) => actOn(id, 'shelve', shelving)
export const unshelveAlert = (id: number) => actOn(id, 'unshelve')
export const takeOutOfService = (id: number, reason: OutOfService) => actOn(id, 'out-of-service', reason)
export const returnToService = (id: number) => actOn(id, 'return-to-service')
export const closeAlert = (id: number) => actOn(id, 'close')
export const holdAudio = (screenId: string) => ask<AudioLease>('POST', '/audio-lease', { screenId })
export const readRules = () => ask<{ rules: AlertRule[] }>('GET', '/alert-rules')
export const saveRule = (rule: RuleSetting) => ask<void>('PUT', '/alert-rules', rule)
export const readSuppressions = () => ask<{ suppressions: Suppression[] }>('GET', '/alert-suppressions')
export const createSuppression = (plan: NewSuppression) =>
  ask<{ id: number }>('POST', '/alert-suppressions', plan)
export const endSuppression = (id: number) => ask<void>('POST', `/alert-suppressions/${id}/end`, {})
export const readPerformance = ({ from, to }: { from: string; to: string }) =>
  ask<AlertPerformance>('GET', `/alert-performance?from=${from}&to=${to}`)
