import { sql, type SQL } from 'drizzle-orm'
import type { ReasonCode, ReviewDecision, ReviewItem, Scope, Verdict } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { withinScope } from '../organisation/scope.ts'

/** Who looks: what is theirs to decide, and what is their own. */
export interface Reviewer {
  officerId: number
  scope: Scope
}

export interface ReviewFilter {
  decided: boolean
  verdict?: Verdict | undefined
  reason?: ReasonCode | undefined
  stationId?: number | undefined
  /** The Asia/Taipei day that it counts for. */
  on?: string | undefined
  /** The last id of the page before. */
  before?: string | undefined
  limit: number
}

/** Decisions older than that are found by their day. */
const decidedWithin = sql`interval '30 days'`

/** Nobody has decided, and somebody should: what the judge doubts or refuses, and what comes with a photo used before. */
const undecided = sql`c.id in (
    select q.id from check_in q where q.reviewed_at is null and q.verdict <> 'accepted'
    union all select f.check_in_id from check_in_photo f where f.repeats_id is not null
  ) and c.reviewed_at is null`

export const withinReach = (scope: Scope) =>
  withinScope(scope, { precinctId: sql`c.precinct_id`, stationId: sql`c.station_id` })

/** The review queue, newest first, or what has been decided. */
export async function listReviews(tx: Tx, reviewer: Reviewer, filter: ReviewFilter): Promise<ReviewItem[]> {
  const { decided, verdict, reason, stationId, on, before, limit } = filter
  const conditions = [
    decided ? sql`c.review is not null` : undecided,
    decided && on === undefined ? sql`c.received_at > city_now() - ${decidedWithin}` : undefined,
    verdict && sql`c.verdict = ${verdict}`,
    reason && sql`c.reasons @> ${JSON.stringify([{ code: reason }])}::jsonb`,
    stationId && sql`c.station_id = ${stationId}`,
    on &&
      sql`c.checked_in_at >= ${on}::timestamp at time zone 'Asia/Taipei'
        and c.checked_in_at < (${on}::timestamp + interval '1 day') at time zone 'Asia/Taipei'`,
    before && sql`(c.received_at, c.id) < (select received_at, id from check_in where id = ${before})`,
  ].filter((one) => one !== undefined && one !== '' && one !== 0)
  return readItems(tx, reviewer, sql.join(conditions, sql` and `), limit)
}

/** How many wait for a decision. */
export async function countUndecided(tx: Tx, { scope }: Reviewer): Promise<number> {
  const { rows } = await tx.execute<{ n: number }>(sql`
    select count(*)::int as n from check_in c where ${withinReach(scope)} and ${undecided}`)
  return rows[0]?.n ?? 0
}

/** One check-in of the scope, whatever its verdict. */
export async function readReview(tx: Tx, reviewer: Reviewer, id: string): Promise<ReviewItem | null> {
  const [item] = await readItems(tx, reviewer, sql`c.id = ${id}`, 1)
  return item ?? null
}

interface ItemRow
  extends
    Record<string, unknown>,
    Omit<ReviewItem, 'checkedInAt' | 'receivedAt' | 'reviewed' | 'watch' | 'review'> {
  watch: ReviewItem['watch'] | null
  review: ReviewItem['review'] | null
  checkedInAt: Date
  receivedAt: Date
  reviewReason: ReviewDecision['reason'] | null
  reviewRemark: string | null
  reviewedAt: Date | null
  reviewedBy: string | null
}

async function readItems(tx: Tx, { officerId, scope }: Reviewer, only: SQL, limit: number) {
  const { rows } = await tx.execute<ItemRow>(sql`
    select c.id, c.patrol_point_id as "pointId", p.name as "pointName", p.code as "pointCode", c.unit_id as "unitId",
      u.call_sign as "callSign", c.precinct_id as "precinctId", c.station_id as "stationId", c.act, c.role,
      c.proof_kind as "proofKind", c.verdict, c.fulfils, c.reasons, c.watch, c.review,
      c.checked_in_at as "checkedInAt", c.received_at as "receivedAt", o.name as "officerName",
      ${isOwn(officerId)} as own,
      exists (select from check_in_photo f where f.check_in_id = c.id and f.repeats_id is not null) as "photoRepeats",
      c.review_reason as "reviewReason", c.review_remark as "reviewRemark", c.reviewed_at as "reviewedAt",
      r.name as "reviewedBy"
    from check_in c
      left join patrol_point p on p.id = c.patrol_point_id
      left join unit u on u.id = c.unit_id
      left join officer o on o.id = c.officer_id
      left join officer r on r.id = c.reviewed_by
    where ${withinReach(scope)} and ${only}
    order by c.received_at desc, c.id desc limit ${limit}`)
  return rows.map(readItem)
}

/** The officer's own check-in, or one whose credit the officer shares by the roster. Columns of `check_in c`. */
export const isOwn = (officerId: number) =>
  sql`(c.officer_id = ${officerId} or exists (
    select from unit_member m where m.unit_id = c.unit_id and m.officer_id = ${officerId}))`

function readItem({
  reviewReason,
  reviewRemark,
  reviewedAt,
  reviewedBy,
  watch,
  review,
  checkedInAt,
  receivedAt,
  ...row
}: ItemRow): ReviewItem {
  return {
    ...row,
    ...(watch ? { watch } : {}),
    ...(review ? { review } : {}),
    officerName: row.officerName ?? '',
    checkedInAt: new Date(checkedInAt).toISOString(),
    receivedAt: new Date(receivedAt).toISOString(),
    reviewed:
      !review || reviewReason === null || reviewedAt === null
        ? null
        : {
            decision: review,
            reason: reviewReason,
            remark: reviewRemark,
            by: reviewedBy ?? '',
            at: new Date(reviewedAt).toISOString(),
          },
  }
}
