import { inTransaction, type Db } from '@patrol/db'
import { raiseSos } from '../alert/raise-sos.ts'
import { ProblemError } from '../problems.ts'
import { writeJsonb } from '../unusable.ts'
import type { KnownTracker } from './identify-device.ts'
import { pauseAbove, type BreadcrumbIngest } from './ingest-breadcrumbs.ts'
import type { TrackerPosition } from './protocols/tracker-message.ts'
import { maxAheadMs } from './sort-breadcrumbs.ts'
import { describeDetails, toBreadcrumb } from './tracker-breadcrumb.ts'

/**
 * Takes what one tracker tells, for its officer: first a call for help, then keep-alives and breadcrumbs. Off duty
 * nothing but the call is kept; a time that lies ahead of ours is no time, and what bears it is dropped.
 * @throws UNAVAILABLE when too much waits to be stored; the device repeats it.
 */
export async function takeTrackerReport(
  { db, ingest }: { db: Db; ingest: BreadcrumbIngest },
  tracker: KnownTracker,
  positions: readonly TrackerPosition[],
  now: Date,
): Promise<void> {
  if (tracker.isPaired) for (const call of positions.filter(isSos)) await takeSos(db, tracker, call, now)
  const timely = positions.filter(
    ({ recordedAt }) => recordedAt.getTime() >= 0 && recordedAt.getTime() <= now.getTime() + maxAheadMs,
  )
  const last = timely.findLast(({ lat }) => lat === null)
  if (last) await storeKeepAlive(db, tracker, last)
  const taken = timely.flatMap((position) => toBreadcrumb(position, tracker) ?? [])
  if (taken.length === 0) return
  if (ingest.backlog() > pauseAbove) throw new ProblemError('UNAVAILABLE')
  await ingest.ingest(
    tracker.officerId,
    taken.map(({ crumb }) => crumb),
    taken.map(({ origin }) => origin),
  )
}

const isSos = ({ alarm }: TrackerPosition) => alarm?.toLowerCase() === 'sos'

/** A message whose answer was lost comes again, with the same time: that is no second call. */
async function takeSos(db: Db, tracker: KnownTracker, { recordedAt, lon, lat }: TrackerPosition, now: Date) {
  await inTransaction(db, async (tx) => {
    const { rowCount } = await tx.$client.query(
      'update device set last_sos_at = $2 where id = $1 and last_sos_at is distinct from $2::timestamptz(3)',
      // A clock may show anything; the database begins in 4713 BC.
      [tracker.deviceId, new Date(Math.max(0, recordedAt.getTime()))],
    )
    if (rowCount === 0) return
    const place = lon === null || lat === null ? null : { lon, lat }
    await raiseSos(tx, now, { officerId: tracker.officerId, place })
  })
}

async function storeKeepAlive(db: Db, tracker: KnownTracker, position: TrackerPosition): Promise<void> {
  const { recordedAt, batteryPercent } = position
  await db.$client.query({
    name: 'tracker-keep-alive',
    text: `update device set keep_alive = $2 where id = $1 and exists (
      select from unit_member m join unit u on u.id = m.unit_id join shift s on s.id = u.shift_id
      where m.officer_id = $3 and s.starts_at <= $4::timestamptz and s.ends_at > $4::timestamptz)`,
    values: [
      tracker.deviceId,
      writeJsonb({ recordedAt, batteryPercent, ...describeDetails(position) }),
      tracker.officerId,
      recordedAt,
    ],
  })
}
