import type { WatchFinding } from '@patrol/contract'
import type { OpenTx } from '@patrol/db'
import type { CheckInRow } from '../check-in-row.ts'
import { judgeWatch } from './judge-watch.ts'

interface WatchRow {
  id: string
  tapInId: string
  plannedMinutes: number
  together: boolean
  at: Date
  doubtful: boolean
  pointId: number | null
  lon: number | null
  lat: number | null
  radiusMeters: number | null
  inAt: Date | null
  inDoubtful: boolean
  inPointId: number | null
  track: { at: string; lon: number; lat: number; accuracyMeters: number | null }[] | null
}

/** Where no clock of ours bounds the time, the receipt counts for windows; for how long somebody stayed it says nothing. */
const isUnbounded = (tap: string) =>
  `(${tap}.review is null and ${tap}.reasons @> '[{"code": "clock-unbounded"}]')`
const timeOf = (tap: string) =>
  `case when ${isUnbounded(tap)} then ${tap}.claimed_at else ${tap}.checked_in_at end`
const isDoubtful = (tap: string) => `coalesce(${tap}.verdict = 'rejected' or ${isUnbounded(tap)}, false)`

/**
 * Judges the stationary watches that these check-outs end, and writes the findings beside them. In the transaction that
 * stored them, or later, when the tap-in or the track has come.
 */
export async function settleWatches(
  tx: OpenTx,
  checkOutIds: readonly string[],
): Promise<Map<string, WatchFinding>> {
  if (checkOutIds.length === 0) return new Map()
  const { rows } = await tx.$client.query<WatchRow>({
    name: 'watches',
    text: `select c.id, c.raw->'watch'->>'checkInId' as "tapInId",
        coalesce(p.watch_minutes, (c.raw->'watch'->>'minutes')::int) as "plannedMinutes",
        coalesce(i.officer_id = c.officer_id or i.unit_id = c.unit_id, false) as together,
        ${timeOf('c')} as at, ${isDoubtful('c')} as doubtful, c.patrol_point_id as "pointId",
        st_x(p.position) as lon, st_y(p.position) as lat, p.radius_meters as "radiusMeters",
        ${timeOf('i')} as "inAt", ${isDoubtful('i')} as "inDoubtful", i.patrol_point_id as "inPointId", track.list as track
      from check_in c
        left join patrol_point p on p.id = c.patrol_point_id
        left join check_in i on i.id = (c.raw->'watch'->>'checkInId')::uuid and i.act = 'check-in'
        left join lateral (
          select json_agg(json_build_object('at', b.recorded_at, 'lon', b.lon, 'lat', b.lat,
            'accuracyMeters', b.accuracy_meters)) as list
          from breadcrumb b
          where b.officer_id = c.officer_id and b.is_evidence
            and b.recorded_at > ${timeOf('i')} and b.recorded_at < ${timeOf('c')}
            and b.recorded_at > ${timeOf('c')} - interval '3 hours'
        ) track on true
      where c.id = any($1::uuid[])`,
    values: [checkOutIds],
  })
  const findings = new Map(rows.map((row) => [row.id, findingOf(row)]))
  await tx.$client.query({
    name: 'write-watches',
    text: `update check_in c set watch = w.finding from jsonb_to_recordset($1::jsonb) as w(id uuid, finding jsonb)
      where c.id = w.id`,
    values: [JSON.stringify([...findings].map(([id, finding]) => ({ id, finding })))],
  })
  return findings
}

/** The same for whichever of these rows end a watch; their findings go into the rows. Most end none, and cost nothing. */
export async function settleEndedWatches(tx: OpenTx, rows: readonly CheckInRow[]): Promise<void> {
  const ended = rows.filter((row) => row.act === 'check-out' && row.raw.watch !== undefined)
  const findings = await settleWatches(
    tx,
    ended.map((row) => row.id),
  )
  for (const row of ended) row.watch = findings.get(row.id) ?? null
}

function findingOf(row: WatchRow): WatchFinding {
  const { lon, lat, radiusMeters, inAt, plannedMinutes } = row
  const named = { checkInId: row.tapInId.toLowerCase(), plannedMinutes }
  if (lon === null || lat === null || radiusMeters === null) {
    return { ...named, outcome: 'undecidable', seconds: 0, insideSeconds: 0, unknownSeconds: 0 }
  }
  return {
    ...named,
    ...judgeWatch({
      tapIn: inAt === null ? null : { at: inAt, doubtful: row.inDoubtful, pointId: row.inPointId },
      tapOut: { at: row.at, doubtful: row.doubtful, pointId: row.pointId },
      together: row.together,
      plannedMinutes,
      point: { lon, lat, radiusMeters },
      track: (row.track ?? []).map((one) => ({ ...one, at: new Date(one.at) })),
    }),
  }
}
