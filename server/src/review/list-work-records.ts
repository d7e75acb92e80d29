import { sql } from 'drizzle-orm'
import type { CheckInPhoto, RecordedNote } from '@patrol/contract'
import type { Tx } from '@patrol/db'

/** The notes of a check-in: the one signed with it, and those that came after. */
export async function listNotes(tx: Tx, checkInId: string): Promise<RecordedNote[]> {
  const { rows } = await tx.execute<{ kind: RecordedNote['kind']; text: string | null; noted_at: Date }>(sql`
    select raw->'workNote'->>'kind' as kind, raw->'workNote'->>'text' as text, checked_in_at as noted_at
    from check_in where id = ${checkInId} and raw->'workNote' is not null
    union all
    select kind, text, noted_at from work_note where check_in_id = ${checkInId}
    order by noted_at`)
  return rows.map((row) => ({
    kind: row.kind,
    text: row.text,
    notedAt: new Date(row.noted_at).toISOString(),
  }))
}

interface PhotoRow extends Record<string, unknown> {
  id: string
  taken_at: Date
  received_at: Date
  width: number
  height: number
  sha256: string
  kept: boolean
  repeated_check_in_id: string | null
  exact: boolean | null
  repeated_taken_at: Date
  repeated_officer: string | null
}

/** The photos of a check-in, each with the one that it repeats. */
export async function listPhotos(tx: Tx, checkInId: string): Promise<CheckInPhoto[]> {
  const { rows } = await tx.execute<PhotoRow>(sql`
    select f.id, f.taken_at, f.received_at, f.width, f.height, encode(f.sha256, 'hex') as sha256,
      f.picture is not null as kept, r.check_in_id as repeated_check_in_id, r.sha256 = f.sha256 as exact,
      r.taken_at as repeated_taken_at, o.name as repeated_officer
    from check_in_photo f
      left join check_in_photo r on r.id = f.repeats_id
      left join officer o on o.id = r.officer_id
    where f.check_in_id = ${checkInId} order by f.taken_at, f.id`)
  return rows.map((row) => ({
    id: row.id,
    takenAt: new Date(row.taken_at).toISOString(),
    receivedAt: new Date(row.received_at).toISOString(),
    width: row.width,
    height: row.height,
    sha256: row.sha256,
    kept: row.kept,
    repeats:
      row.repeated_check_in_id === null
        ? null
        : {
            checkInId: row.repeated_check_in_id,
            exact: row.exact === true,
            takenAt: new Date(row.repeated_taken_at).toISOString(),
            officerName: row.repeated_officer ?? '',
          },
  }))
}
