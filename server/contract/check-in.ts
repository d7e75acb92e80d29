import Type, { type Static } from 'typebox'
import { Instant, Latitude, Longitude, UuidV7 } from './basics.ts'
import { BriefingCard } from './briefing.ts'

/** What the tag gave. */
export const TagProof = Type.Union([
  /** The code of a scanned label, as in `https://host/c/<code>`. */
  Type.Object({ kind: Type.Literal('qr'), code: Type.String({ minLength: 1, maxLength: 80 }) }),
  /** The readable code under the label, typed by hand: weaker, always to be reviewed. */
  Type.Object({ kind: Type.Literal('typed'), code: Type.String({ minLength: 1, maxLength: 80 }) }),
  /** The URL of a secure NFC tag (NTAG 424 DNA), exactly as tapped: its counter and MAC are in it. */
  Type.Object({ kind: Type.Literal('sun'), url: Type.String({ minLength: 1, maxLength: 300 }) }),
  /** A plain NFC tag: the chip's number (hex, however grouped), and the URL on it. Both can be copied, so it is flagged. */
  Type.Object({
    kind: Type.Literal('uid'),
    uid: Type.String({ minLength: 1, maxLength: 60 }),
    ndefUrl: Type.Optional(Type.String({ minLength: 1, maxLength: 300 })),
  }),
])
export type TagProof = Static<typeof TagProof>

export const Fix = Type.Object({
  lon: Longitude,
  lat: Latitude,
  accuracyMeters: Type.Number({ minimum: 0, maximum: 100_000 }),
  fixedAt: Instant,
})
export type Fix = Static<typeof Fix>

/** Everything the phone knows about the time. */
export const PhoneClock = Type.Object({
  /** The device's own clock, right or wrong. */
  deviceAt: Instant,
  /** Milliseconds of a clock that never runs backwards, since an arbitrary start (`performance.now()`). */
  monotonicMs: Type.Number({ minimum: 0 }),
  /** The last time heard from the server, on the same monotonic clock; null when none since the page was loaded. */
  beacon: Type.Union([
    Type.Null(),
    Type.Object({ token: Type.String({ maxLength: 200 }), monotonicMs: Type.Number({ minimum: 0 }) }),
  ]),
})
export type PhoneClock = Static<typeof PhoneClock>

export const WorkNote = Type.Object({
  kind: Type.Union([
    Type.Literal('nothing-unusual'),
    Type.Literal('suspicious'),
    Type.Literal('traffic'),
    Type.Literal('other'),
  ]),
  text: Type.Optional(Type.String({ maxLength: 1000 })),
})

/** How a stationary watch (守望) went, by its two check-ins and the breadcrumbs between them. */
export const WatchFinding = Type.Object({
  /** The check-in that began it. */
  checkInId: Type.String(),
  outcome: Type.Union([
    Type.Literal('completed'),
    Type.Literal('too-short'),
    /** The track has gaps too long to say, or a check-in of it is in doubt. */
    Type.Literal('undecidable'),
  ]),
  plannedMinutes: Type.Integer(),
  /** From tap to tap; 0 where the tap-in is not on record (yet). */
  seconds: Type.Integer(),
  /** Shown to be within the radius. */
  insideSeconds: Type.Integer(),
  /** Nothing known. */
  unknownSeconds: Type.Integer(),
})
export type WatchFinding = Static<typeof WatchFinding>

/** One tap or scan at a patrol point, as the phone tells it. */
export const CheckIn = Type.Object(
  {
    id: UuidV7,
    act: Type.Union([Type.Literal('check-in'), Type.Literal('check-out')]),
    role: Type.Union([Type.Literal('patrol'), Type.Literal('supervisor')]),
    proof: TagProof,
    /** When, as the phone believes. */
    checkedInAt: Instant,
    clock: PhoneClock,
    position: Type.Union([Fix, Type.Null()]),
    /** Who scanned, bound at the scan: a shared handheld may upload in another officer's log-in. Absent: the session's. */
    officerId: Type.Optional(Type.Integer()),
    workNote: Type.Optional(WorkNote),
    /** With a check-out: the watch that it ends. The minutes count where the point itself asks for none. */
    watch: Type.Optional(
      Type.Object({ checkInId: UuidV7, minutes: Type.Integer({ minimum: 5, maximum: 10 }) }),
    ),
    /**
     * The enrolled device, and its signature over the canonical form of the whole check-in without this signature
     * (server/src/check-in/canonical-check-in.ts): ECDSA P-256 with SHA-256, r and s of 32 bytes each, base64url.
     */
    device: Type.Optional(
      Type.Object({
        id: Type.String({ format: 'uuid' }),
        signature: Type.String({ minLength: 1, maxLength: 200 }),
      }),
    ),
  },
  { additionalProperties: false },
)
export type CheckIn = Static<typeof CheckIn>

export const Verdict = Type.Union([
  Type.Literal('accepted'),
  Type.Literal('needs-review'),
  Type.Literal('rejected'),
])
export type Verdict = Static<typeof Verdict>

export const Fulfils = Type.Union([Type.Literal('yes'), Type.Literal('when-confirmed'), Type.Literal('no')])
export type Fulfils = Static<typeof Fulfils>

/** Sorted by layer as in the judge. A `pass` is not listed. */
export const ReasonCode = Type.Union([
  // tag
  Type.Literal('typed-code'),
  Type.Literal('malformed-proof'),
  Type.Literal('signature-wrong'),
  Type.Literal('tag-unknown'),
  Type.Literal('tag-revoked'),
  Type.Literal('uid-only'),
  /** A display's rotating code that it did not show when it was scanned. */
  Type.Literal('code-expired'),
  Type.Literal('mac-mismatch'),
  Type.Literal('late-counter'),
  Type.Literal('counter-jump'),
  Type.Literal('counter-reused'),
  Type.Literal('counter-time-order'),
  // place
  Type.Literal('no-fix'),
  Type.Literal('poor-fix'),
  Type.Literal('off-place'),
  Type.Literal('far-from-place'),
  Type.Literal('fix-implausible'),
  /** A static code, and no breadcrumb that supports its place (yet). */
  Type.Literal('no-track'),
  // speed
  Type.Literal('impossible-travel'),
  // device
  Type.Literal('device-not-enrolled'),
  Type.Literal('device-shared'),
  Type.Literal('device-signature-wrong'),
  Type.Literal('device-revoked'),
  // officer and duty
  Type.Literal('other-station'),
  Type.Literal('off-roster'),
  Type.Literal('other-precinct'),
  Type.Literal('account-disabled'),
  // clock
  Type.Literal('late-upload'),
  Type.Literal('clock-skew'),
  Type.Literal('clock-unbounded'),
])
export type ReasonCode = Static<typeof ReasonCode>

export const Reason = Type.Object({
  code: ReasonCode,
  severity: Type.Union([Type.Literal('reject'), Type.Literal('flag'), Type.Literal('note')]),
})
export type Reason = Static<typeof Reason>

/** The answer for one item: on record, with the verdict. */
export const CheckInReceipt = Type.Object({
  id: Type.String(),
  stored: Type.Literal(true),
  verdict: Verdict,
  fulfils: Fulfils,
  reasons: Type.Array(Reason),
  /** The point, where the tag leads to one and the officer may know it. */
  point: Type.Union([
    Type.Null(),
    Type.Object({
      id: Type.Integer(),
      code: Type.String(),
      name: Type.String(),
      /** 守望: the point asks to stay so long. Absent where a touch is enough. */
      watchMinutes: Type.Optional(Type.Integer()),
    }),
  ]),
  /** Of a check-out that ends a watch. */
  watch: Type.Optional(WatchFinding),
  /** The time that counts. */
  checkedInAt: Instant,
  receivedAt: Instant,
  /** True when this id had been stored before. */
  repeated: Type.Boolean(),
  /** What matters here, best first; absent where the officer is not, or no longer, to be told, or where it took too long. */
  cards: Type.Optional(Type.Array(BriefingCard, { maxItems: 3 })),
})
export type CheckInReceipt = Static<typeof CheckInReceipt>

/** The answer for an item that no schema accepts: kept for an engineer, and never sent again. */
export const CheckInQuarantined = Type.Object({
  id: Type.Union([Type.String(), Type.Null()]),
  quarantined: Type.Literal(true),
  field: Type.String(),
  message: Type.String(),
})
export type CheckInQuarantined = Static<typeof CheckInQuarantined>

/** One check-in, or up to 50. Items are validated one by one, so that a bad one blocks nothing. */
export const CheckInBatch = Type.Object({
  checkIns: Type.Array(Type.Unknown(), { minItems: 1, maxItems: 50 }),
})
export type CheckInBatch = Static<typeof CheckInBatch>

export const CheckInAnswers = Type.Object({
  results: Type.Array(Type.Union([CheckInReceipt, CheckInQuarantined])),
})
export type CheckInAnswers = Static<typeof CheckInAnswers>

/** A check-in on record, as screens show it. */
export const CheckInSummary = Type.Object({
  id: Type.String(),
  pointId: Type.Union([Type.Integer(), Type.Null()]),
  pointName: Type.Union([Type.String(), Type.Null()]),
  unitId: Type.Union([Type.Integer(), Type.Null()]),
  callSign: Type.Union([Type.String(), Type.Null()]),
  precinctId: Type.Integer(),
  stationId: Type.Union([Type.Integer(), Type.Null()]),
  act: CheckIn.properties.act,
  role: CheckIn.properties.role,
  proofKind: Type.Union([
    Type.Literal('qr'),
    Type.Literal('typed'),
    Type.Literal('sun'),
    Type.Literal('uid'),
  ]),
  verdict: Verdict,
  fulfils: Fulfils,
  reasons: Type.Array(Reason),
  /** Of a check-out that ends a watch. */
  watch: Type.Optional(WatchFinding),
  /** What a person decided, if anybody has. */
  review: Type.Optional(Type.Union([Type.Literal('confirmed'), Type.Literal('rejected')])),
  checkedInAt: Instant,
  receivedAt: Instant,
})
export type CheckInSummary = Static<typeof CheckInSummary>
