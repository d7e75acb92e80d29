import type { CheckInSummary } from '@patrol/contract'
import type { CheckInRow } from './check-in-row.ts'
import type { ScanContext } from './scan-context.ts'

/** A judged check-in as screens show it. */
export function summarise(row: CheckInRow, context: ScanContext): CheckInSummary {
  return {
    id: row.id,
    pointId: row.patrol_point_id,
    pointName: context.pointName,
    unitId: row.unit_id,
    callSign: context.callSign,
    precinctId: row.precinct_id,
    stationId: row.station_id,
    act: row.act,
    role: row.role,
    proofKind: row.proof_kind,
    verdict: row.verdict,
    fulfils: row.fulfils,
    reasons: row.reasons,
    ...(row.watch === null ? {} : { watch: row.watch }),
    checkedInAt: row.checked_in_at,
    receivedAt: row.received_at,
  }
}
