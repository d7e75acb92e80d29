import { sql } from 'drizzle-orm'
import type { Scope } from '@patrol/contract'
import type { Tx } from '@patrol/db'
import { withinScope } from '../organisation/scope.ts'
import { ProblemError } from '../problems.ts'

/** A unit on duty that this scope may send. @throws NOT_FOUND, SHIFT_NOT_OPEN */
export async function findUnit(
  tx: Tx,
  unitId: number,
  { scope, now }: { scope: Scope; now: Date },
): Promise<{ callSign: string; precinctId: number; stationId: number }> {
  const at = now.toISOString()
  const within = withinScope(scope, { precinctId: sql`u.precinct_id`, stationId: sql`u.station_id` })
  const { rows } = await tx.execute<{
    call_sign: string
    precinct_id: number
    station_id: number
    on: boolean
  }>(sql`
    select u.call_sign, u.precinct_id, u.station_id, s.starts_at <= ${at} and s.ends_at > ${at} as on
    from unit u join shift s on s.id = u.shift_id where u.id = ${unitId} and ${within}`)
  const unit = rows[0]
  if (unit === undefined) throw new ProblemError('NOT_FOUND', { field: 'body/unitId' })
  if (!unit.on) throw new ProblemError('SHIFT_NOT_OPEN')
  return { callSign: unit.call_sign, precinctId: unit.precinct_id, stationId: unit.station_id }
}
