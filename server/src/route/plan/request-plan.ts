import { sql } from 'drizzle-orm'
import type { RoutePlanRequest, Scope } from '@patrol/contract'
import { inTransaction, type Db } from '@patrol/db'
import { covers } from '../../organisation/scope.ts'
import { ProblemError } from '../../problems.ts'
import { readShiftHead, type ShiftHead } from './read-shift.ts'

/**
 * Puts a plan on record, once by its id, for the shift of a station in the scope.
 * @throws NOT_FOUND for shifts, units and points outside of it; SHIFT_NOT_OPEN for one that is over
 */
export async function requestPlan(
  db: Db,
  request: RoutePlanRequest,
  { officerId, scope, now, seed }: { officerId: number; scope: Scope; now: Date; seed: number },
): Promise<ShiftHead> {
  const shift = await readShiftHead(db, request.shiftId)
  if (shift === null || !covers(scope, shift)) throw new ProblemError('NOT_FOUND', { field: 'body/shiftId' })
  if (shift.endsAt <= now) throw new ProblemError('SHIFT_NOT_OPEN')
  await checkUnits(db, shift, request.unitIds)
  await checkPoints(db, shift, 'pointIds', request.pointIds)
  await checkPoints(db, shift, 'fixedPointIds', request.fixedPointIds)
  await inTransaction(db, async (tx) => {
    const made = await tx.execute(sql`
      insert into route_plan (id, precinct_id, station_id, shift_id, request, seed, requested_by, requested_at)
      values (${request.id}, ${shift.precinctId}, ${shift.stationId}, ${shift.id}, ${JSON.stringify(request)}::jsonb, ${seed},
        ${officerId}, ${now.toISOString()})
      on conflict (id) do nothing returning id`)
    if (made.rows.length === 0) return checkSame(tx, request, shift)
    await tx.execute(sql`
      insert into audit (at, officer_id, action, subject, precinct_id, details)
      values (${now.toISOString()}, ${officerId}, 'route-plan:requested', ${`route-plan:${request.id}`}, ${shift.precinctId},
        ${JSON.stringify({ shiftId: shift.id, goal: request.goal, line: request.line })}::jsonb)`)
  })
  return shift
}

/** The id of a plan of another shift is no plan of this one. */
async function checkSame(tx: Pick<Db, 'execute'>, { id }: RoutePlanRequest, shift: ShiftHead): Promise<void> {
  const { rows } = await tx.execute(sql`select 1 from route_plan where id = ${id} and shift_id = ${shift.id}`)
  if (rows.length === 0) throw new ProblemError('INVALID_INPUT', { field: 'body/id' })
}

async function checkUnits(db: Db, shift: ShiftHead, ids: readonly number[]): Promise<void> {
  const { rows } = await db.execute<{ id: number }>(
    sql`select id from unit where shift_id = ${shift.id} and id = any(${sql.param([...ids])}::int[])`,
  )
  const wrong = ids.findIndex((id) => !rows.some((row) => row.id === id))
  if (wrong >= 0) throw new ProblemError('NOT_FOUND', { field: `body/unitIds/${wrong}` })
}

/** Points of the whole precinct may be planned for: a station helps out its neighbour. */
async function checkPoints(db: Db, shift: ShiftHead, field: string, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return
  const { rows } = await db.execute<{ id: number }>(sql`
    select id from patrol_point
    where precinct_id = ${shift.precinctId} and retired_at is null and id = any(${sql.param([...ids])}::int[])`)
  const known = new Set(rows.map((row) => row.id))
  const wrong = ids.findIndex((id) => !known.has(id))
  if (wrong >= 0) throw new ProblemError('PATROL_POINT_UNKNOWN', { field: `body/${field}/${wrong}` })
}
