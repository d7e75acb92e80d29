import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { PhotoUpload } from '@patrol/contract'
import { inTransaction, type Db, type Tx } from '@patrol/db'
import { ProblemError } from '../problems.ts'
import { hashLook, looksAlikeBits } from './look-hash.ts'
import { stripJpeg } from './read-jpeg.ts'

/** A phone sends at most 1280 pixels a side; some room for other clients. */
const largestSide = 4_096
/** More tells nothing more about one visit. */
const perCheckIn = 6
/** How long a picture is looked for among those of the station by its look. By its exact bytes it is found for ever. */
const looksAlikeWithin = sql`interval '180 days'`

export interface NewPhoto extends PhotoUpload {
  id: string
  jpeg: Buffer
  /** Who sends it. */
  officer: { id: number; stationId: number | null }
  now: Date
}

/**
 * Stores a photo of a check-in without anything but the picture, once by id, and notes which earlier one it repeats.
 * @throws NOT_FOUND for a check-in that is not on record or another station's; PHOTO_REFUSED
 */
export async function storePhoto(
  db: Db,
  { id, checkInId, takenAt, jpeg, officer, now }: NewPhoto,
): Promise<void> {
  const stripped = stripJpeg(jpeg)
  if (stripped === null || Math.max(stripped.width, stripped.height) > largestSide) {
    throw new ProblemError('PHOTO_REFUSED')
  }
  const { picture, width, height } = stripped
  const sha256 = createHash('sha256').update(picture).digest()
  const lookHash = hashLook(picture)
  await inTransaction(db, async (tx) => {
    const checkIn = await findOwnCheckIn(tx, checkInId, officer)
    if (checkIn === null) throw new ProblemError('NOT_FOUND')
    const { rows } = await tx.execute<{ count: number; known: boolean }>(sql`
      select count(*)::int as count, coalesce(bool_or(id = ${id}), false) as known
      from check_in_photo where check_in_id = ${checkInId}`)
    if (rows[0]?.known) return
    if ((rows[0]?.count ?? 0) >= perCheckIn) {
      throw new ProblemError('PHOTO_REFUSED', { message: 'The check-in has enough photos.' })
    }
    const repeatsId = await findRepeated(tx, { checkInId, sha256, lookHash, stationId: checkIn.stationId })
    await tx.execute(sql`
      insert into check_in_photo (id, check_in_id, officer_id, precinct_id, station_id, taken_at, received_at, width,
        height, sha256, look_hash, repeats_id, picture)
      values (${id}, ${checkInId}, ${checkIn.officerId}, ${checkIn.precinctId}, ${checkIn.stationId},
        ${new Date(takenAt).toISOString()}, ${now.toISOString()}, ${width}, ${height}, ${sha256},
        ${lookHash?.toString() ?? null}::bigint, ${repeatsId}, ${picture})
      on conflict (id) do nothing`)
  })
}

/** A check-in of the officer's, or of the station whose handheld the officer shares. */
export async function findOwnCheckIn(
  tx: Tx,
  checkInId: string,
  officer: { id: number; stationId: number | null },
): Promise<{ officerId: number; precinctId: number; stationId: number | null } | null> {
  const { rows } = await tx.execute<{ officerId: number; precinctId: number; stationId: number | null }>(sql`
    select c.officer_id as "officerId", c.precinct_id as "precinctId", c.station_id as "stationId"
    from check_in c left join officer o on o.id = c.officer_id
    where c.id = ${checkInId}
      and (${officer.id} in (c.officer_id, c.uploaded_by) or o.station_id = ${officer.stationId})`)
  return rows[0] ?? null
}

async function findRepeated(
  tx: Tx,
  {
    checkInId,
    sha256,
    lookHash,
    stationId,
  }: { checkInId: string; sha256: Buffer; lookHash: bigint | null; stationId: number | null },
): Promise<string | null> {
  const { rows } = await tx.execute<{ id: string }>(sql`
    (select id, 0 as difference from check_in_photo
      where sha256 = ${sha256} and check_in_id <> ${checkInId} order by received_at limit 1)
    union all
    (select id, bit_count((look_hash # ${lookHash?.toString() ?? null}::bigint)::bit(64))::int as difference
      from check_in_photo
      where station_id = ${stationId} and received_at > city_now() - ${looksAlikeWithin} and check_in_id <> ${checkInId}
        and bit_count((look_hash # ${lookHash?.toString() ?? null}::bigint)::bit(64)) <= ${looksAlikeBits}
      order by difference, received_at limit 1)
    limit 1`)
  return rows[0]?.id ?? null
}
