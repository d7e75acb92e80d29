import { sql, type SQL } from 'drizzle-orm'
import type { Handover, Scope } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { withinScope } from '../organisation/scope.ts'

interface Reader {
  officerId: number
  scope: Scope
}

interface HandoverRow extends Record<string, unknown> {
  id: string
  precinct_id: number | null
  station_id: number | null
  place_name: string | null
  contents: Handover['contents']
  notes: string
  leaving_id: number
  leaving: string
  left_at: Date
  taking: string | null
  taken_at: Date
  taking_notes: string | null
}

/** Those of a day (Asia/Taipei) by their first signature, and without one those that wait for the second; newest first. */
export async function listHandovers(tx: Tx, reader: Reader, on?: string): Promise<Handover[]> {
  const which =
    on === undefined
      ? sql`h.taken_at is null`
      : sql`h.left_at >= ${on}::timestamp at time zone 'Asia/Taipei'
          and h.left_at < (${on}::timestamp + interval '1 day') at time zone 'Asia/Taipei'`
  return readHandovers(tx, reader, which)
}

/** One that the reader may see; null otherwise. */
export async function findHandover(tx: Tx, id: string, reader: Reader): Promise<Handover | null> {
  const [found] = await readHandovers(tx, reader, sql`h.id = ${id}`)
  return found ?? null
}

async function readHandovers(tx: Tx, { officerId, scope }: Reader, which: SQL): Promise<Handover[]> {
  const within = withinScope(scope, { precinctId: sql`h.precinct_id`, stationId: sql`h.station_id` })
  const { rows } = await tx.execute<HandoverRow>(sql`
    select h.id, h.precinct_id, h.station_id, o.name as place_name, h.contents, h.notes, h.leaving_id, l.name as leaving,
      h.left_at, t.name as taking, h.taken_at, h.taking_notes
    from handover h join officer l on l.id = h.leaving_id left join officer t on t.id = h.taking_id
      left join organisation o on o.id = coalesce(h.station_id, h.precinct_id)
    where ${which} and ${within} order by h.left_at desc limit 100`)
  return rows.map((row) => ({
    id: row.id,
    desk: { precinctId: row.precinct_id, stationId: row.station_id },
    placeName: row.place_name,
    contents: row.contents,
    left: { by: row.leaving, at: new Date(row.left_at).toISOString(), notes: row.notes },
    taken:
      row.taking === null
        ? null
        : { by: row.taking, at: new Date(row.taken_at).toISOString(), notes: row.taking_notes ?? '' },
    own: row.leaving_id === officerId,
  }))
}
