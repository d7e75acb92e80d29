import { sql } from 'drizzle-orm'
import type { JointDefense, JointDefenseOrder, Scope } from '@patrol/contract'
import { audit, jointDefense, jointDefensePrecinct, type OpenTx, type Tx } from '@patrol/db'
import { ProblemError } from '../problems.ts'
import { appendEvents } from '../realtime/append-events.ts'
import { covers } from './scope.ts'

interface By {
  officerId: number
  scope: Scope
  now: Date
}

/** Begins a joint defence. Screens of its precincts take a new snapshot. @throws NOT_FOUND for a precinct beyond the scope */
export async function beginJointDefense(
  tx: OpenTx,
  { name, precinctIds }: JointDefenseOrder,
  { officerId, scope, now }: By,
): Promise<JointDefense> {
  const { rows } = await tx.execute<{ id: number }>(sql`
    select id from organisation where kind = 'precinct' and id = any(${sql.param(precinctIds)}::int[])`)
  const known = rows.filter(({ id }) => covers(scope, { precinctId: id, stationId: null }))
  if (known.length < precinctIds.length) throw new ProblemError('NOT_FOUND', { field: 'body/precinctIds' })
  const [made] = await tx
    .insert(jointDefense)
    .values({ name, createdBy: officerId, createdAt: now })
    .returning()
  if (made === undefined) throw new Error('A joint defence was not made.')
  await tx
    .insert(jointDefensePrecinct)
    .values(precinctIds.map((precinctId) => ({ jointDefenseId: made.id, precinctId })))
  await tellChange(tx, now, precinctIds)
  await write(tx, 'joint-defense:begin', made.id, { officerId, now, details: { name, precinctIds } })
  return { id: made.id, name, precinctIds, createdAt: now.toISOString() }
}

/** @returns false when there is none that this scope may end */
export async function endJointDefense(
  tx: OpenTx,
  id: number,
  { officerId, scope, now }: By,
): Promise<boolean> {
  const one = (await listJointDefenses(tx, scope)).find((joint) => joint.id === id)
  if (!one?.precinctIds.every((precinctId) => covers(scope, { precinctId, stationId: null }))) return false
  await tx.execute(sql`
    update joint_defense set ended_at = ${now.toISOString()}, ended_by = ${officerId} where id = ${id} and ended_at is null`)
  await tellChange(tx, now, one.precinctIds)
  await write(tx, 'joint-defense:end', id, { officerId, now, details: {} })
  return true
}

/** Those that last and touch the scope. */
export async function listJointDefenses(tx: Tx, scope: Scope): Promise<JointDefense[]> {
  const { rows } = await tx.execute<{
    id: number
    name: string
    created_at: Date
    precinct_ids: number[]
  }>(sql`
    select j.id, j.name, j.created_at, array_agg(p.precinct_id order by p.precinct_id) as precinct_ids
    from joint_defense j join joint_defense_precinct p on p.joint_defense_id = j.id
    where j.ended_at is null group by j.id order by j.id`)
  return rows
    .map((row) => ({
      id: row.id,
      name: row.name,
      precinctIds: row.precinct_ids,
      createdAt: new Date(row.created_at).toISOString(),
    }))
    .filter(({ precinctIds }) =>
      precinctIds.some((precinctId) => covers(scope, { precinctId, stationId: null })),
    )
}

async function tellChange(tx: OpenTx, now: Date, precinctIds: readonly number[]): Promise<void> {
  const data = { what: 'joint-defense' }
  await appendEvents(
    tx,
    now,
    precinctIds.map((precinctId) => ({ type: 'city:changed' as const, precinctId, stationId: null, data })),
  )
}

async function write(
  tx: OpenTx,
  action: string,
  id: number,
  { officerId, now, details }: { officerId: number; now: Date; details: object },
): Promise<void> {
  await tx.insert(audit).values({ at: now, officerId, action, subject: `joint-defense:${id}`, details })
}
