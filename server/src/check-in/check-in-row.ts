import { createHash } from 'node:crypto'
import type { CheckIn, WatchFinding } from '@patrol/contract'
import { toReal } from '../unusable.ts'
import { writeCanonical } from './canonical-check-in.ts'
import type { ScanContext } from './scan-context.ts'
import type { Judgement, ScanFacts } from './scan-facts.ts'

/** A new row of `check_in`, by column, as `jsonb_to_recordset` reads it. */
export interface CheckInRow {
  id: string
  officer_id: number
  uploaded_by: number
  unit_id: number | null
  device_id: string | null
  patrol_point_id: number | null
  tag_id: number | null
  precinct_id: number
  station_id: number | null
  proof_kind: 'qr' | 'typed' | 'sun' | 'uid'
  act: CheckIn['act']
  role: CheckIn['role']
  read_counter: number | null
  time_trusted: boolean
  claimed_at: string
  received_at: string
  judged_at: string
  checked_in_at: string
  position: string | null
  accuracy_meters: number | null
  distance_meters: number | null
  verdict: Judgement['verdict']
  fulfils: Judgement['fulfils']
  reasons: Judgement['reasons']
  awaits_track: boolean
  work_note: string | null
  /** Not inserted: settled once the row is there (watch/settle-watches.ts). */
  watch: WatchFinding | null
  raw: CheckIn
  content_hash: string
}

export function toRow(
  facts: ScanFacts,
  uploadedBy: number,
  context: ScanContext,
  judgement: Judgement,
): CheckInRow {
  const { checkIn, officerId, receivedAt } = facts
  const { position } = checkIn
  const reused = judgement.reasons.some((reason) => reason.code === 'counter-reused')
  return {
    id: checkIn.id.toLowerCase(),
    officer_id: officerId,
    uploaded_by: uploadedBy,
    unit_id: context.unitId,
    device_id: facts.device?.signatureRight ? (checkIn.device?.id ?? null) : null,
    patrol_point_id: context.pointId,
    tag_id: context.tagId,
    precinct_id: context.point?.precinctId ?? context.officerPrecinctId ?? 0,
    station_id: context.point?.stationId ?? context.officerStationId,
    proof_kind: checkIn.proof.kind,
    act: checkIn.act,
    role: checkIn.role,
    // A counter belongs to the check-in that had it first.
    read_counter: reused || context.tagId === null ? null : facts.readCounter,
    time_trusted: judgement.timeTrusted,
    claimed_at: new Date(checkIn.checkedInAt).toISOString(),
    received_at: receivedAt.toISOString(),
    judged_at: receivedAt.toISOString(),
    checked_in_at: judgement.checkedInAt.toISOString(),
    position: position === null ? null : `SRID=4326;POINT(${position.lon} ${position.lat})`,
    accuracy_meters: toReal(position?.accuracyMeters),
    distance_meters: judgement.distanceMeters,
    verdict: judgement.verdict,
    fulfils: judgement.fulfils,
    reasons: judgement.reasons,
    awaits_track: judgement.awaitsTrack,
    work_note: checkIn.workNote?.text ?? checkIn.workNote?.kind ?? null,
    watch: null,
    raw: checkIn,
    content_hash: `\\x${hashContent(checkIn)}`,
  }
}

/** Two submissions are the same check-in when they say the same, however their keys are ordered. */
function hashContent(checkIn: CheckIn): string {
  return createHash('sha256').update(writeCanonical(checkIn)).digest('hex')
}
