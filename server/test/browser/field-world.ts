import { officer, patrolWindow, type Db } from '@patrol/db'
import { makeOfficer, makePoint, makePrecinct, makeUnit, makeWindowRule } from '@patrol/db/factories'
import { eq } from 'drizzle-orm'
import { readableCode } from '../../src/check-in/proof/signed-qr.ts'
import { hashPassword } from '../../src/organisation/password.ts'
import type { TestCity } from '../build-app.ts'

const hour = 3_600_000

export type FieldWorld = Awaited<ReturnType<typeof makeFieldWorld>>
export type Account = { id: number; name: string; login: string; password: string }

/** Two officers on duty together, and points along 23°N from 120.2°E, about 400 m apart, each due for the next hour. */
export async function makeFieldWorld({ db, codeOf }: Pick<TestCity, 'db' | 'codeOf'>, pointCount = 3) {
  const place = await makePrecinct(db)
  const officers = [await makeAccount(db, place), await makeAccount(db, place)] as const
  const { unit } = await makeUnit(
    db,
    place,
    officers.map(({ id }) => id),
  )
  const labels = []
  for (let n = 0; n < pointCount; n++) {
    const { point, tag } = await makePoint(db, place, { position: [120.2 + n * 0.004, 23] })
    await makeOpenWindow(db, place, point.id)
    labels.push({ point, code: codeOf(tag), readable: readableCode(tag.opaqueId) })
  }
  return { place, officers, unit, labels }
}

/** An officer with a password. */
export async function makeAccount(
  db: Db,
  place: { precinctId: number; stationId: number },
  roles: Parameters<typeof makeOfficer>[2] = {},
): Promise<Account> {
  const { id, name, login } = await makeOfficer(db, place, roles)
  const password = 'Patrol-2026-field'
  await db
    .update(officer)
    .set({ passwordHash: await hashPassword(password) })
    .where(eq(officer.id, id))
  return { id, name, login, password }
}

async function makeOpenWindow(
  db: Db,
  place: { precinctId: number; stationId: number },
  patrolPointId: number,
) {
  const rule = await makeWindowRule(db, patrolPointId, { active: false })
  const now = Date.now()
  const endsAt = new Date(now + hour)
  await db.insert(patrolWindow).values({
    precinctId: place.precinctId,
    stationId: place.stationId,
    ruleId: rule.id,
    patrolPointId,
    serviceOn: new Date(now + 8 * hour).toISOString().slice(0, 10),
    startsAt: new Date(now - hour),
    endsAt,
    graceEndsAt: new Date(endsAt.getTime() + 600_000),
    requiredCount: 1,
    state: 'open',
    nextChangeAt: endsAt,
  })
}

interface StoredCheckIn {
  id: string
  officer_id: number
  proof_kind: string
  verdict: string
  fulfils: string
  reasons: { code: string }[]
  claimed_at: Date
  received_at: Date
}

/** Everything on record at a point, oldest first. */
export async function checkInsAt(db: Db, patrolPointId: number): Promise<StoredCheckIn[]> {
  const { rows } = await db.$client.query<StoredCheckIn>(
    `select id, officer_id, proof_kind, verdict, fulfils, reasons, claimed_at, received_at
     from check_in where patrol_point_id = $1 order by received_at`,
    [patrolPointId],
  )
  return rows
}
