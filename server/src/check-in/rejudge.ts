import type { CheckIn, CheckInSummary } from '@patrol/contract'
import { inTransaction, lastRows, prepareOnce, type Db, type OpenTx } from '@patrol/db'
import { raiseCheckInAlerts } from '../alert/raise-check-in-alerts.ts'
import { settleWindows } from '../window/settle-windows.ts'
import { judgeScans, prepareScans, type Scan } from './judge-scans.ts'
import type { CheckInKeys } from './read-proof.ts'
import { prepareContext } from './scan-context.ts'
import { summarise } from './summarise.ts'
import { tellOfReviewed } from './tell-of-reviewed.ts'
import { settleEndedWatches } from './watch/settle-watches.ts'

// Evidence comes in any order: breadcrumbs after the check-in that they support, an honest tap after the harvested one. What
// was judged without it is judged again when it is there, by the same judge and from the check-in as it was sent, so that in
// the end the verdict does not depend on which was uploaded first. A person's decision is never touched, and nothing is
// rejected afterwards: a key that was withdrawn meanwhile must not turn proof into forgery.

/** Within this time on both sides a trusted tap bounds the claimed time of another (see judge-clock.ts). */
const bracket = `interval '10 minutes'`
/** Breadcrumbs are dated before their commit; so much earlier than the last judgement is looked again. */
const commitSlack = `interval '1 minute'`
/** Older than that, a phone has lost its track or never had one. */
const waitAtMost = `interval '3 days'`
const atOnce = 200
/**
 * What is accepted on a track so far is looked at a second time, once, when the breadcrumbs of the five minutes after it have
 * come as well: a minute later, but for phones that are offline.
 */
const secondLook = `greatest(c.received_at, c.claimed_at + interval '5 minutes') + interval '1 minute'`

/**
 * Judges again what these new scans bear on: harvested taps that came first, visits too far away for the time, and taps
 * without a bounded clock beside theirs. In the transaction that stored the scans.
 */
export async function rejudgeNeighbours(
  tx: OpenTx,
  keys: CheckInKeys,
  scans: readonly Scan[],
  now: Date,
): Promise<void> {
  const contradicted = scans.flatMap(({ judgement }) => judgement.contradicts)
  const unbounded = await findUnboundedTaps(tx, scans)
  await rejudge(tx, keys, [...contradicted, ...unbounded], now)
}

async function findUnboundedTaps(tx: OpenTx, scans: readonly Scan[]): Promise<string[]> {
  const tapped = scans.filter(({ row }) => row.read_counter !== null && row.time_trusted)
  if (tapped.length === 0) return []
  const { rows } = await tx.$client.query<{ id: string }>({
    name: 'unbounded-taps',
    text: `select c.id from unnest($1::int[], $2::timestamptz[]) as tap(tag_id, at)
      join check_in c on c.tag_id = tap.tag_id and c.read_counter is not null
        and c.claimed_at between tap.at - ${bracket} and tap.at + ${bracket}
      where c.reasons @> '[{"code": "clock-unbounded"}]'`,
    values: [tapped.map(({ row }) => row.tag_id), tapped.map(({ row }) => row.checked_in_at)],
  })
  return rows.map((row) => row.id)
}

/**
 * Judges check-ins again that wait for a track and have got some of it, at most 200; returns how many verdicts changed.
 * The city's clock decides what is due.
 */
export async function rejudgeByTracks(db: Db, keys: CheckInKeys): Promise<number> {
  return inTransaction(db, async (tx) => {
    const { rows } = await tx.$client.query<{ id: string; now: Date }>({
      name: 'tracks-came',
      text: `with clock as materialized (select city_now() as now)
        select c.id, clock.now from check_in c, clock
        where c.awaits_track and c.received_at > clock.now - ${waitAtMost} and case
          when c.verdict = 'accepted' then clock.now > ${secondLook}
          else exists (
            select from breadcrumb b
            where b.officer_id = c.officer_id and b.received_at > c.judged_at - ${commitSlack}
              and b.recorded_at > c.claimed_at - interval '5 minutes'
              and b.recorded_at < c.claimed_at + interval '5 minutes'
          ) end
        order by c.id limit ${atOnce} for update of c skip locked`,
    })
    const now = rows[0]?.now
    if (now === undefined) return 0
    return rejudge(
      tx,
      keys,
      rows.map((row) => row.id),
      now,
    )
  })
}

interface StoredRow {
  id: string
  officer_id: number
  uploaded_by: number
  patrol_point_id: number | null
  received_at: Date
  checked_in_at: Date
  verdict: CheckInSummary['verdict']
  fulfils: CheckInSummary['fulfils']
  reasons: CheckInSummary['reasons']
  awaits_track: boolean
  raw: CheckIn
  speed: number
}

async function rejudge(tx: OpenTx, keys: CheckInKeys, ids: readonly string[], now: Date): Promise<number> {
  if (ids.length === 0) return 0
  const { rows } = await tx.$client.query<StoredRow>({
    name: 'judged-before',
    text: `select id, officer_id, uploaded_by, patrol_point_id, received_at, checked_in_at, verdict, fulfils, reasons,
        awaits_track, raw, coalesce((select speed from clock), 1) as speed
      from check_in where id = any($1::uuid[]) and reviewed_at is null and uploaded_by is not null order by id for update`,
    values: [ids],
  })
  const prepared = prepareScans(
    keys,
    rows.map((row) => ({
      checkIn: row.raw,
      uploadedBy: row.uploaded_by,
      receivedAt: row.received_at,
      clockSpeed: row.speed,
    })),
  )
  if (rows.length === 0) return 0
  await prepareOnce(tx, prepareContext)
  const scans = judgeScans(lastRows(await tx.$client.query(prepared.beginning)), prepared)
  const judged = rows.flatMap((before, nr) => {
    const after = scans[nr]
    const stands = after === undefined || (after.row.verdict === 'rejected' && before.verdict !== 'rejected')
    return stands ? [] : [{ before, after }]
  })
  await writeJudgements(
    tx,
    judged.map(({ after }) => after.row),
    now,
  )
  await settleEndedWatches(
    tx,
    judged.map(({ after }) => after.row),
  )
  const changed = judged.filter(({ before, after }) => differs(before, after))
  await settleWindows(tx, changed.flatMap(visitsOf), now)
  const summaries = changed.map(({ after }) => summarise(after.row, after.context))
  await tellOfReviewed(tx, now, summaries)
  await raiseCheckInAlerts(
    tx,
    now,
    changed.flatMap(({ before, after }) =>
      before.verdict === 'accepted'
        ? [{ ...summarise(after.row, after.context), deviceId: after.row.device_id }]
        : [],
    ),
  )
  return changed.length
}

function differs(before: StoredRow, { row }: Scan): boolean {
  return (
    before.verdict !== row.verdict ||
    before.fulfils !== row.fulfils ||
    before.checked_in_at.toISOString() !== row.checked_in_at ||
    codesOf(before.reasons) !== codesOf(row.reasons)
  )
}

const codesOf = (reasons: CheckInSummary['reasons']) =>
  reasons.map(({ code, severity }) => `${code}:${severity}`).join()

/** The times at which the visit counted before or counts now: the windows around both are counted again. */
function visitsOf({ before, after }: { before: StoredRow; after: Scan }) {
  const pointId = before.patrol_point_id
  if (pointId === null) return []
  return [
    ...(before.fulfils === 'yes' ? [{ pointId, checkedInAt: before.checked_in_at }] : []),
    ...(after.row.fulfils === 'yes' ? [{ pointId, checkedInAt: new Date(after.row.checked_in_at) }] : []),
  ]
}

async function writeJudgements(tx: OpenTx, rows: readonly Scan['row'][], now: Date): Promise<void> {
  await tx.$client.query({
    name: 'write-judgements',
    text: `update check_in c
      set verdict = j.verdict, fulfils = j.fulfils, reasons = j.reasons, checked_in_at = j.checked_in_at,
        distance_meters = j.distance_meters, time_trusted = j.time_trusted, judged_at = $2,
        awaits_track = j.awaits_track and not (j.verdict = 'accepted' and $2 > ${secondLook})
      from jsonb_to_recordset($1::jsonb) as j(id uuid, verdict text, fulfils text, reasons jsonb,
        checked_in_at timestamptz, distance_meters real, time_trusted bool, awaits_track bool)
      where c.id = j.id`,
    values: [JSON.stringify(rows.map((row) => ({ ...row, raw: undefined, work_note: undefined }))), now],
  })
}
