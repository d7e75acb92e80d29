import type { OpenTx } from '@patrol/db'
import { writeJsonb } from '../unusable.ts'
import type { CheckInRow } from './check-in-row.ts'

/** Inserts by id; who was there first stays. Returns the ids that are new. In id order, so that two batches cannot deadlock. */
export async function insertRows(tx: OpenTx, given: readonly CheckInRow[]): Promise<Set<string>> {
  const rows = given.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const { rows: added } = await tx.$client.query<{ id: string }>({
    name: 'insert-check-ins',
    text: `insert into check_in (${insertColumns})
      select ${insertColumns} from jsonb_to_recordset($1::jsonb) as row(
        id uuid, officer_id int, uploaded_by int, unit_id int, device_id uuid, patrol_point_id int, tag_id int,
        precinct_id int, station_id int, proof_kind text, act text, role text, read_counter int, time_trusted bool,
        claimed_at timestamptz, received_at timestamptz, judged_at timestamptz, checked_in_at timestamptz,
        position geometry, accuracy_meters real, distance_meters real, verdict text, fulfils text, reasons jsonb,
        awaits_track bool, work_note text, raw jsonb, content_hash bytea)
      on conflict (id) do nothing returning id`,
    values: [writeJsonb(rows)],
  })
  return new Set(added.map((row) => row.id))
}

const insertColumns = `id, officer_id, uploaded_by, unit_id, device_id, patrol_point_id, tag_id, precinct_id, station_id,
  proof_kind, act, role, read_counter, time_trusted, claimed_at, received_at, judged_at, checked_in_at, position,
  accuracy_meters, distance_meters, verdict, fulfils, reasons, awaits_track, work_note, raw, content_hash`
