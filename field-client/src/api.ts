import type {
  BeatContacts,
  CheckIn,
  CheckInQuarantined,
  CheckInReceipt,
  Device,
  DeviceEnrolment,
  ContactDetails,
  ContactOpening,
  Duty,
  DutyLine,
  EnrolledTag,
  AlertNotice,
  Inbox,
  Login,
  Me,
  NewWorkNote,
  PhotoUpload,
  PatrolPoint,
  Order,
  OrderAnswer,
  Orders,
  Problem,
  PushKey,
  PushSubscriptionRequest,
  ServerTime,
  SosCall,
  SosReceipt,
  Surroundings,
  SurroundingsQuestion,
  TagEnrolment,
} from '@patrol/contract'
import type { Sent } from './outbox.ts'
import type { Reply, SentReplies } from './replies.ts'

/** What a request came to. `offline`: no answer, or one that is not the server's (a hotel's login page). */
export type Answer<T> =
  | { kind: 'ok'; value: T }
  | { kind: 'problem'; status: number; problem: Problem; retryAfterSeconds: number | null }
  | { kind: 'offline' }

/** Long enough for a bad cell; then the outbox tries again. */
const TIMEOUT_MS = 15_000
/** A photo has three hundred times the bytes of a check-in. */
const PHOTO_TIMEOUT_MS = 90_000

export const askTime = () => request<ServerTime>('GET', '/api/v1/time')
export const askSession = () => request<Me>('GET', '/api/v1/session')
export const askOrders = () => request<Orders>('GET', '/api/v1/orders')
export const sendAnswer = (orderId: string, answer: OrderAnswer) =>
  request<Order>('POST', `/api/v1/orders/${orderId}/answers`, answer)
export const askInbox = () => request<Inbox>('GET', '/api/v1/inbox')
export const askNotices = () => request<{ notices: AlertNotice[] }>('GET', '/api/v1/alert-notices')
export const sendSeenNotice = (id: number) => request<unknown>('POST', `/api/v1/alert-notices/${id}/seen`, {})
export const sendReadMessages = (ids: string[]) => request<unknown>('POST', '/api/v1/inbox/read', { ids })
export const askRouteLine = () => request<DutyLine>('GET', '/api/v1/duty/line')
export const askDuty = () => request<Duty>('GET', '/api/v1/duty')
export const logIn = (login: Login) => request<Me>('POST', '/api/v1/session', login)
export const logOut = () => request<unknown>('DELETE', '/api/v1/session')
export const sendSos = (call: SosCall) => request<SosReceipt>('POST', '/api/v1/sos', call)
export const askSos = (id: string) => request<SosReceipt>('GET', `/api/v1/sos/${id}`)
export const enrolDevice = (enrolment: DeviceEnrolment) =>
  request<Device>('POST', '/api/v1/devices', enrolment)
export const askDevices = () => request<{ devices: Device[] }>('GET', '/api/v1/devices')
export const decideDevice = (id: string, what: 'approve' | 'revoke') =>
  request<Device>('POST', `/api/v1/devices/${id}/${what}`)

export const askContacts = () => request<BeatContacts>('GET', '/api/v1/contacts')
export const openContact = (id: string, opening: ContactOpening) =>
  request<ContactDetails>('POST', `/api/v1/contacts/${id}/open`, opening)
export const askSurroundings = (question: SurroundingsQuestion) =>
  request<Surroundings>('POST', '/api/v1/surroundings', question)
export const askCards = (checkInId: string) =>
  request<Surroundings>('GET', `/api/v1/check-ins/${checkInId}/cards`)
export const askPushKey = () => request<PushKey>('GET', '/api/v1/push')
export const subscribePush = (subscription: PushSubscriptionRequest) =>
  request<unknown>('POST', '/api/v1/push-subscriptions', subscription)
export const unsubscribePush = (subscription: { endpoint: string }) =>
  request<unknown>('DELETE', '/api/v1/push-subscriptions', subscription)

/** Sends up to 50 answers to cards, or visits. */
export async function sendReplies(kind: Reply['kind'], items: Reply['item'][]): Promise<SentReplies> {
  const name = kind === 'feedback' ? 'feedback' : 'visits'
  const answer = await request<{ results?: unknown }>('POST', `/api/v1/${name}`, { [name]: items })
  if (answer.kind === 'problem' && answer.status === 401) return { kind: 'logged-out' }
  if (answer.kind === 'problem') {
    return { kind: 'unreachable', offline: false, retryAfterSeconds: answer.retryAfterSeconds }
  }
  if (answer.kind === 'offline' || !Array.isArray(answer.value.results)) {
    return { kind: 'unreachable', offline: true, retryAfterSeconds: null }
  }
  return { kind: 'answered', results: answer.value.results }
}
export const proposeMakeUp = (windowId: number, reason: string) =>
  request<unknown>('POST', `/api/v1/patrol-windows/${windowId}/make-up`, { reason })
export const putNote = (id: string, note: NewWorkNote) =>
  request<unknown>('PUT', `/api/v1/work-notes/${id}`, note)
export const putPhoto = (id: string, { checkInId, takenAt }: PhotoUpload, jpeg: ArrayBuffer) =>
  request<unknown>(
    'PUT',
    `/api/v1/check-in-photos/${id}?${new URLSearchParams({ checkInId, takenAt }).toString()}`,
    jpeg,
  )
/** The points of one's own area. */
export const askPoints = () => request<{ points: PatrolPoint[] }>('GET', '/api/v1/patrol-points?limit=10000')
export const enrolTag = (enrolment: TagEnrolment) => request<EnrolledTag>('POST', '/api/v1/tags', enrolment)
export const activateTag = (id: number, url: string) =>
  request<EnrolledTag>('POST', `/api/v1/tags/${id}/activate`, { url })

/** Sends up to 50 check-ins; what comes back is checked, since an entry is deleted on it. */
export async function sendCheckIns(checkIns: CheckIn[]): Promise<Sent> {
  const answer = await request<{ results?: unknown }>('POST', '/api/v1/check-ins', { checkIns })
  if (answer.kind === 'offline') return { kind: 'unreachable', offline: true, retryAfterSeconds: null }
  if (answer.kind === 'problem') return readRefusal(answer)
  const { results } = answer.value
  if (!Array.isArray(results)) return { kind: 'unreachable', offline: true, retryAfterSeconds: null }
  return { kind: 'answered', results: results.filter(isItemAnswer) }
}

function readRefusal({ status, problem, retryAfterSeconds }: Answer<never> & { kind: 'problem' }): Sent {
  if (status === 401) return { kind: 'logged-out' }
  // 403, 404: not this check-in but everything is refused now (a proxy, a wrong origin).
  if (status >= 500 || [403, 404, 408, 425, 429].includes(status)) {
    return { kind: 'unreachable', offline: false, retryAfterSeconds }
  }
  const field = problem.field ? `${problem.field}: ` : ''
  return { kind: 'refused', message: field + problem.message }
}

function isItemAnswer(item: unknown): item is CheckInReceipt | CheckInQuarantined {
  if (typeof item !== 'object' || item === null) return false
  if ('quarantined' in item) return item.quarantined === true && 'field' in item && 'message' in item
  return 'stored' in item && item.stored === true && 'id' in item && 'verdict' in item && 'reasons' in item
}

/** One request with the session's cookie; bytes are a JPEG. Never throws for the network's sake. */
async function request<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
  const isPhoto = body instanceof ArrayBuffer
  let response: Response
  let text: string
  try {
    response = await fetch(path, {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(isPhoto ? PHOTO_TIMEOUT_MS : TIMEOUT_MS),
      headers: {
        accept: 'application/json',
        // A foreign page cannot send this header, so the server knows the request is ours.
        ...(method === 'GET' ? {} : { 'x-requested-with': 'patrol' }),
        ...(body === undefined ? {} : { 'content-type': isPhoto ? 'image/jpeg' : 'application/json' }),
      },
      ...(body === undefined ? {} : { body: isPhoto ? body : JSON.stringify(body) }),
    })
    text = await response.text()
  } catch {
    return { kind: 'offline' }
  }
  const value = parseJson(text)
  if (response.ok && (value !== undefined || response.status === 204)) {
    return { kind: 'ok', value: asContract<T>(value) }
  }
  if (!isProblem(value)) {
    // 502 of a proxy, 200 of a captive portal: nobody we know has answered.
    if (response.status !== 401) return { kind: 'offline' }
    return problemOf(response, { code: 'NOT_LOGGED_IN', message: '' })
  }
  return problemOf(response, value)
}

function problemOf(response: Response, problem: Problem): Answer<never> & { kind: 'problem' } {
  const seconds = Number(response.headers.get('retry-after') ?? NaN)
  const retryAfterSeconds = Number.isFinite(seconds) ? seconds : null
  return { kind: 'problem', status: response.status, problem, retryAfterSeconds }
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

// The server answers by the contract it is tested against; checking every field again would double the bundle.
function asContract<T>(value: unknown) {
  return value as T
}
