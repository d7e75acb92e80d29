import { sql, type SQL } from 'drizzle-orm'
import type { CheckInSummary, Scope, Verdict } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { isEmpty, withinScope } from '../organisation/scope.ts'

interface SummaryRow extends Record<string, unknown> {
  id: string
  patrol_point_id: number | null
  point_name: string | null
  unit_id: number | null
  call_sign: string | null
  precinct_id: number
  station_id: number | null
  act: CheckInSummary['act']
  role: CheckInSummary['role']
  proof_kind: CheckInSummary['proofKind']
  verdict: Verdict
  fulfils: CheckInSummary['fulfils']
  reasons: CheckInSummary['reasons']
  watch: CheckInSummary['watch'] | null
  review: CheckInSummary['review'] | null
  checked_in_at: Date
  received_at: Date
}

/** Check-ins newest first: those of the scope, or for an officer who watches nobody their own. */
export async function listCheckIns(
  tx: Tx,
  query: {
    scope: Scope
    officerId: number | null
    limit: number
    /** The id of the last one of the page before: a batch shares its instant, so an instant alone would lose rows. */
    before?: string | undefined
    verdict?: Verdict | undefined
    role?: CheckInSummary['role'] | undefined
    only?: SQL
  },
): Promise<CheckInSummary[]> {
  const visible = isEmpty(query.scope)
    ? sql`c.officer_id = ${query.officerId}`
    : withinScope(query.scope, { precinctId: sql`c.precinct_id`, stationId: sql`c.station_id` })
  const { rows } = await tx.execute<SummaryRow>(sql`
    select c.id, c.patrol_point_id, p.name as point_name, c.unit_id, u.call_sign, c.precinct_id, c.station_id,
      c.act, c.role, c.proof_kind, c.verdict, c.fulfils, c.reasons, c.watch, c.review, c.checked_in_at, c.received_at
    from check_in c
      left join patrol_point p on p.id = c.patrol_point_id
      left join unit u on u.id = c.unit_id
    where ${visible}
      ${query.only === undefined ? sql`` : sql`and ${query.only}`}
      ${query.before === undefined ? sql`` : sql`and (c.received_at, c.id) < (select received_at, id from check_in where id = ${query.before})`}
      ${query.verdict === undefined ? sql`` : sql`and c.verdict = ${query.verdict}`}
      ${query.role === undefined ? sql`` : sql`and c.role = ${query.role}`}
    order by c.received_at desc, c.id desc limit ${query.limit}`)
  return rows.map((row) => ({
    id: row.id,
    pointId: row.patrol_point_id,
    pointName: row.point_name,
    unitId: row.unit_id,
    callSign: row.call_sign,
    precinctId: row.precinct_id,
    stationId: row.station_id,
    act: row.act,
    role: row.role,
    proofKind: row.proof_kind,
    verdict: row.verdict,
    fulfils: row.fulfils,
    reasons: row.reasons,
    ...(row.watch ? { watch: row.watch } : {}),
    ...(row.review ? { review: row.review } : {}),
    checkedInAt: new Date(row.checked_in_at).toISOString(),
    receivedAt: new Date(row.received_at).toISOString(),
  }))
}
