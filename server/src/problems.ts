import type { ProblemCode } from '@patrol/contract'

/** Every error a client can be answered with: status and sentence. Clients switch on the code. */
export const problems = {
  NOT_FOUND: [404, 'There is nothing here.'],
  NOT_LOGGED_IN: [401, 'Log in first.'],
  NOT_ALLOWED: [403, 'Your role does not allow this.'],
  LOGIN_WRONG: [401, 'Login or password is wrong.'],
  TOO_MANY_TRIES: [429, 'Too many failed tries. Wait and try again.'],
  TOO_MANY_REQUESTS: [429, 'Too many requests. Wait and try again.'],
  INVALID_INPUT: [400, 'The input is not valid.'],
  ORIGIN_WRONG: [403, 'The request does not come from this site.'],
  PAYLOAD_TOO_LARGE: [413, 'The request is too large.'],
  PATROL_POINT_UNKNOWN: [404, 'There is no such patrol point.'],
  PATROL_WINDOW_UNKNOWN: [404, 'There is no such patrol window.'],
  PATROL_WINDOW_SETTLED: [409, 'The patrol window is settled already.'],
  OWN_CHECK_IN: [403, 'Nobody decides on their own check-in.'],
  CHECK_IN_REVIEWED: [409, 'Somebody has decided on this check-in already.'],
  CHECK_IN_REJECTED: [409, 'Its proof is wrong, so nobody can confirm it. A visit that was made is made up.'],
  MAKE_UP_MISSING: [409, 'Nobody has asked to make this window up.'],
  PHOTO_REFUSED: [400, 'This is no photo that we take.'],
  PAIRING_CODE_WRONG: [404, 'No display waits with this code.'],
  PAIRING_PENDING: [409, 'The display is not approved yet.'],
  DEVICE_UNKNOWN: [401, 'This device is not enrolled here.'],
  TAG_IN_USE: [409, 'This chip is in use. Revoke it first.'],
  TAG_KEYS_TAKEN: [409, 'The keys of this tag were told already. Bind it anew.'],
  TAG_ON_FACTORY_KEY: [409, 'This tag still has the keys of the factory. Program it first.'],
  TAG_PROOF_WRONG: [409, 'This tap is not of that tag.'],
  ALERT_STATE_WRONG: [409, 'The alert does not allow this now.'],
  PLANNED_ROUTE_SETTLED: [409, 'This route is replaced or withdrawn. Take the newer one.'],
  EVENTS_GONE: [410, 'These events are no longer kept. Take a new snapshot.'],
  CONTACTS_OFF: [409, 'Contacts are off: the server has no CONTACT_KEYS.'],
  PUSH_OFF: [409, 'Web Push is off: the server has no VAPID_PRIVATE_KEY.'],
  SHIFT_NOT_OPEN: [409, 'There is no open shift.'],
  ASSIGNMENT_REASSIGNED: [409, 'The order is with another unit now.'],
  ASSIGNMENT_CLOSED: [409, 'The order is over.'],
  ASSIGNMENT_MOVED_ON: [409, 'The order was accepted already.'],
  INCIDENT_CLOSED: [409, 'The incident is closed.'],
  INCIDENT_DISPATCHED: [409, 'A unit holds an order for the incident. Cancel it first, or let it clear.'],
  ROUTE_MOVED_ON: [409, 'The unit follows another route by now. Look again.'],
  PASSWORD_WRONG: [403, 'The password is wrong. Nothing is signed.'],
  HANDOVER_WAITING: [409, 'This desk was handed over already and waits for who takes over.'],
  HANDOVER_OWN: [403, 'Nobody takes over from themselves.'],
  HANDOVER_TAKEN: [409, 'Somebody has taken over already.'],
  UNAVAILABLE: [503, 'The service is not ready. Try again.'],
  INTERNAL: [500, 'Something went wrong on our side. It has been logged.'],
} as const satisfies Record<ProblemCode, readonly [number, string]>

/** Thrown by routes and domain; turned into `{code, message, field?}` in one place (plugins/problem-handler.ts). */
export class ProblemError extends Error {
  readonly code: ProblemCode
  readonly statusCode: number
  readonly field: string | undefined
  /** When it is worth to try again. */
  readonly retryAfterSeconds: number | undefined

  /** Whom it is about, such as the call sign of who holds the order now. */
  readonly about: string | undefined

  constructor(
    code: ProblemCode,
    {
      message,
      field,
      retryAfterSeconds,
      about,
    }: { message?: string; field?: string; retryAfterSeconds?: number; about?: string } = {},
  ) {
    super(message ?? problems[code][1])
    this.code = code
    this.statusCode = problems[code][0]
    this.field = field
    this.retryAfterSeconds = retryAfterSeconds
    this.about = about
  }
}
