import Type, { type Static } from 'typebox'
import { Instant } from './basics.ts'
import { CheckInSummary, Fix, Verdict } from './check-in.ts'
import { WindowState } from './patrol-window.ts'
import { CheckInPhoto, RecordedNote } from './work-record.ts'

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])

/** Why a check-in was confirmed. */
export const ConfirmReason = Type.Union([
  /** Track, neighbours and clocks agree with it. */
  Type.Literal('evidence-agrees'),
  /** Receiver, label or phone is known to be at fault there. */
  Type.Literal('known-fault'),
  /** Somebody else saw the officer there. */
  Type.Literal('witnessed'),
  Type.Literal('other'),
])
/** Why a check-in was rejected. */
export const RejectReason = Type.Union([
  Type.Literal('not-there'),
  Type.Literal('copied-code'),
  /** 代簽: signed for another. */
  Type.Literal('proxy'),
  /** 預簽: signed ahead, or at another time than it says. */
  Type.Literal('pre-signed'),
  Type.Literal('by-mistake'),
  Type.Literal('other'),
])
export type ConfirmReason = Static<typeof ConfirmReason>
export type RejectReason = Static<typeof RejectReason>

const remark = Type.Optional(Type.String({ maxLength: 500 }))

/** `POST /api/v1/check-ins/:id/review`. `other` needs a remark. */
export const Review = Type.Union([
  Type.Object({ decision: Type.Literal('confirmed'), reason: ConfirmReason, remark }),
  Type.Object({ decision: Type.Literal('rejected'), reason: RejectReason, remark }),
])
export type Review = Static<typeof Review>

/** What somebody decided. */
export const ReviewDecision = Type.Object({
  decision: Type.Union([Type.Literal('confirmed'), Type.Literal('rejected')]),
  reason: Type.Union([ConfirmReason, RejectReason]),
  remark: Nullable(Type.String()),
  /** Name. */
  by: Type.String(),
  at: Instant,
})
export type ReviewDecision = Static<typeof ReviewDecision>

/** A check-in in the review queue. */
export const ReviewItem = Type.Object({
  ...CheckInSummary.properties,
  officerName: Type.String(),
  pointCode: Nullable(Type.String()),
  /** The reader's own, or of a unit whose credit the reader shares: another decides. */
  own: Type.Boolean(),
  /** One of its photos was used before. */
  photoRepeats: Type.Boolean(),
  reviewed: Nullable(ReviewDecision),
})
export type ReviewItem = Static<typeof ReviewItem>

export const ReviewPage = Type.Object({
  items: Type.Array(ReviewItem),
  /** How many in the reader's scope nobody has decided, whatever the filter. */
  undecided: Type.Integer(),
})
export type ReviewPage = Static<typeof ReviewPage>

/** Another check-in beside the one under review. */
const Neighbour = Type.Object({
  id: Type.String(),
  checkedInAt: Instant,
  officerName: Type.String(),
  callSign: Nullable(Type.String()),
  verdict: Verdict,
})

/** `GET /api/v1/check-ins/:id/evidence`: everything a reviewer wants to see. Looking is on record. */
export const Evidence = Type.Object({
  item: ReviewItem,
  clock: Type.Object({
    /** What the phone claims. */
    claimedAt: Instant,
    /** The phone's own clock, right or wrong. */
    deviceAt: Instant,
    /** When the phone last heard the server's time before the scan; null without a genuine beacon. */
    beaconAt: Nullable(Instant),
    receivedAt: Instant,
    /** The time that counts now. */
    checkedInAt: Instant,
    /** The time that will count once it is confirmed. */
    confirmedAt: Instant,
  }),
  position: Nullable(Fix),
  distanceMeters: Nullable(Type.Number()),
  point: Nullable(
    Type.Object({
      id: Type.Integer(),
      code: Type.String(),
      name: Type.String(),
      lon: Type.Number(),
      lat: Type.Number(),
      radiusMeters: Type.Integer(),
    }),
  ),
  /** The enrolled device whose key signed it. */
  device: Nullable(
    Type.Object({
      label: Type.String(),
      kind: Type.String(),
      /** Whose phone; null for a handheld of the station. */
      ownerName: Nullable(Type.String()),
      approvedAt: Nullable(Instant),
      revokedAt: Nullable(Instant),
    }),
  ),
  /** Whose log-in brought it, where that is another officer. */
  courierName: Nullable(Type.String()),
  /** The officer's breadcrumbs 15 minutes either way, in time order. */
  track: Type.Array(
    Type.Object({
      lon: Type.Number(),
      lat: Type.Number(),
      recordedAt: Instant,
      accuracyMeters: Nullable(Type.Number()),
      /** Nothing is known of the way from the one before: longer than 2 minutes or 500 m. */
      afterGap: Type.Boolean(),
    }),
  ),
  /** Reads of the same tag before and after. */
  taps: Type.Array(Type.Object({ ...Neighbour.properties, readCounter: Nullable(Type.Integer()) })),
  /** The officer's check-ins before and after, elsewhere or here. */
  visits: Type.Array(
    Type.Object({
      ...Neighbour.properties,
      pointName: Nullable(Type.String()),
      lon: Nullable(Type.Number()),
      lat: Nullable(Type.Number()),
      /** From the point under review, in a straight line. */
      distanceMeters: Nullable(Type.Number()),
    }),
  ),
  /** The windows of the point that it lies in. */
  windows: Type.Array(
    Type.Object({ id: Type.Integer(), startsAt: Instant, endsAt: Instant, state: WindowState }),
  ),
  notes: Type.Array(RecordedNote),
  photos: Type.Array(CheckInPhoto),
  /** Other contents that were sent under the same id. */
  conflicts: Type.Integer(),
})
export type Evidence = Static<typeof Evidence>
