import { sql } from 'drizzle-orm'
import type { Scope, UnitGaps } from '@patrol/contract'
import type { Db } from '@patrol/db'
import { ProblemError } from '../problems.ts'
import { findGaps } from './find-gaps.ts'
import { readUnitTrack } from './read-unit-track.ts'

/**
 * When, within one day's part of its shift, nobody knew where a unit was. It is read from its track, and is on record as such.
 * @throws NOT_FOUND where the scope sees no such unit
 */
export async function readUnitGaps(
  db: Db,
  scope: Scope,
  { unitId, on, now, officerId }: { unitId: number; on: string; now: Date; officerId: number },
): Promise<UnitGaps> {
  const { rows } = await db.execute<{ from: Date; to: Date }>(sql`
    select greatest(s.starts_at, ${on}::timestamp at time zone 'Asia/Taipei') as from,
      least(s.ends_at, (${on}::timestamp + interval '1 day') at time zone 'Asia/Taipei', ${now.toISOString()}::timestamptz) as to
    from unit u join shift s on s.id = u.shift_id where u.id = ${unitId}`)
  if (rows[0] === undefined) throw new ProblemError('NOT_FOUND')
  const [from, to] = [new Date(rows[0].from), new Date(rows[0].to)]
  const { fixes } = await readUnitTrack(db, scope, { unitId, from, to, officerId })
  const gaps = findGaps(fixes, { from, to })
  return { unitId, on, from: from.toISOString(), to: to.toISOString(), gaps }
}
