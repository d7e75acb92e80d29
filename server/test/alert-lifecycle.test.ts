import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inTransaction } from '@patrol/db'
import { makeDepartment, makeOfficer, makePrecinct } from '@patrol/db/factories'
import { actOnAlert, type AlertAct } from '../src/alert/act-on-alert.ts'
import { readAlerts } from '../src/alert/alert-row.ts'
import { clearAlerts, raiseAlerts, type AlertCause } from '../src/alert/raise-alert.ts'
import { sweepAlerts } from '../src/alert/sweep-alerts.ts'
import { cityScope } from '../src/organisation/scope.ts'
import { startTestCity, type TestCity } from './build-app.ts'

let city: TestCity
let operator: Awaited<ReturnType<typeof makeOfficer>>
beforeAll(async () => {
  city = await startTestCity()
  const department = await makeDepartment(city.db)
  const nowhere = { precinctId: null, stationId: null }
  operator = await makeOfficer(city.db, nowhere, { roles: ['operator'], organisationId: department.id })
})
afterAll(() => city.stop())

/** The tests' own time: each begins a day after the last. */
let start = Date.parse('2026-03-01T00:00:00Z')
function newDay() {
  start += 86_400_000
  return (seconds: number) => new Date(start + seconds * 1_000)
}

const raise = (now: Date, causes: Omit<AlertCause, 'stationId' | 'subject'>[]) =>
  inTransaction(city.db, (tx) =>
    raiseAlerts(
      tx,
      now,
      causes.map((cause) => ({ ...cause, stationId: null, subject: {} })),
    ),
  )
const clear = (now: Date, key: string) => inTransaction(city.db, (tx) => clearAlerts(tx, now, [key]))
const sweep = (now: Date) => sweepAlerts(city.db, { now })
const act = (alertId: number, now: Date, how: AlertAct) =>
  inTransaction(city.db, (tx) =>
    actOnAlert(tx, { alertId, officerId: operator.id, scope: cityScope, now, ...how }),
  )
const open = (precinctId: number) =>
  readAlerts(city.db, sql`where a.closed_at is null and a.precinct_id = ${precinctId} order by a.id`)

/** The rows that ask for a person, on a screen that shows these. */
function asking(rows: Awaited<ReturnType<typeof open>>) {
  const ids = new Set(rows.map(({ id }) => id))
  return rows.filter(
    ({ state, parentId }) =>
      (state === 'unack' || state === 'rtn-unack') && (parentId === null || !ids.has(parentId)),
  )
}

test('a condition is told after a minute, goes after two, and one that flickers is told once', async () => {
  const { precinctId } = await makePrecinct(city.db)
  const at = newDay()
  const cause = { kind: 'gps-off', dedupKey: `gps:${precinctId}`, priority: 3, precinctId } as const
  await raise(at(0), [cause])
  await sweep(at(59))
  expect(await open(precinctId)).toMatchObject([{ state: null }])
  await sweep(at(60))
  expect(await open(precinctId)).toMatchObject([{ state: 'unack' }])
  for (const second of [70, 130, 190]) {
    await clear(at(second), cause.dedupKey)
    await raise(at(second + 30), [cause])
  }
  await sweep(at(230))
  const [row] = await open(precinctId)
  expect(row).toMatchObject({ state: 'unack', count: 1 })
  await clear(at(300), cause.dedupKey)
  await sweep(at(421))
  expect(await open(precinctId)).toMatchObject([{ state: 'rtn-unack' }])
  expect(await act(row?.id ?? 0, at(430), { act: 'acknowledge' })).toMatchObject({
    state: 'closed',
    acknowledgedBy: operator.name,
  })
  const { rows } = await city.db.execute<{ type: string }>(sql`
    select type from (select type, data from event union all select type, data from outbox) e
    where (data->>'precinctId')::int = ${precinctId} and type in ('alert:raised', 'alert:closed') order by type desc`)
  expect(rows.map(({ type }) => type)).toEqual(['alert:raised', 'alert:closed'])
})

test('nobody answers an urgent one: duty officer after a minute, supervisor after three, each once', async () => {
  const place = await makePrecinct(city.db)
  const duty = await makeOfficer(city.db, place, {
    roles: ['duty-officer'],
    organisationId: place.precinctId,
  })
  const supervisor = await makeOfficer(city.db, place, { roles: ['supervisor'] })
  await city.db.execute(
    sql`update role_grant set organisation_id = ${place.precinctId} where officer_id = ${supervisor.id}`,
  )
  const at = newDay()
  const { precinctId } = place
  await raise(at(0), [{ kind: 'sos', dedupKey: `sos:${precinctId}`, priority: 1, precinctId }])
  const level = async () => (await open(precinctId)).map(({ escalation, told }) => ({ escalation, told }))
  await sweep(at(59))
  expect(await level()).toEqual([{ escalation: 0, told: [] }])
  await sweep(at(60))
  await sweep(at(61))
  expect(await level()).toEqual([{ escalation: 1, told: [duty.name] }])
  await sweep(at(500))
  expect((await level())[0]).toMatchObject({ escalation: 2 })
  const { rows } = await city.db.execute(sql`select officer_id, level from alert_notice
    where officer_id in (${duty.id}, ${supervisor.id}) order by level`)
  expect(rows).toEqual([
    { officer_id: duty.id, level: 1 },
    { officer_id: supervisor.id, level: 2 },
  ])
  const [row] = await open(precinctId)
  await act(row?.id ?? 0, at(510), { act: 'acknowledge' })
  await raise(at(520), [
    { kind: 'sos', dedupKey: `sos:${precinctId}`, priority: 1, precinctId, asksAgain: true },
  ])
  expect(await open(precinctId)).toMatchObject([{ state: 'unack', count: 1 + 1 }])
  await expect(
    act(row?.id ?? 0, at(530), { act: 'shelve', until: at(600), reason: 'x' }),
  ).rejects.toMatchObject({ code: 'ALERT_STATE_WRONG' })
})

test('a plan keeps quiet what it names while it lasts; what still stands asks when it ends, or is ended', async () => {
  const { precinctId } = await makePrecinct(city.db)
  const at = newDay()
  const { rows } = await city.db.execute<{ id: number }>(sql`
    insert into alert_suppression (plan, reason, kinds, precinct_id, starts_at, ends_at, created_by, created_at)
    values ('typhoon', '颱風', '{off-area}', ${precinctId}, ${at(100).toISOString()}, ${at(1000).toISOString()},
      ${operator.id}, ${at(0).toISOString()}) returning id`)
  const key = `plan:${precinctId}`
  await raise(at(0), [{ kind: 'off-area', dedupKey: key, priority: 3, precinctId }])
  await raise(at(0), [{ kind: 'gps-off', dedupKey: `${key}:gps`, priority: 3, precinctId }])
  await sweep(at(60))
  expect((await open(precinctId)).map(({ state }) => state)).toEqual(['unack', 'unack'])
  await sweep(at(101))
  expect(await open(precinctId)).toMatchObject([
    { state: 'suppressed', heldReason: '颱風', quietUntil: at(1000).toISOString() },
    { state: 'unack' },
  ])
  await city.db.execute(
    sql`update alert_suppression set ended_at = ${at(200).toISOString()} where id = ${rows[0]?.id}`,
  )
  await sweep(at(201))
  expect((await open(precinctId)).map(({ state }) => state)).toEqual(['unack', 'unack'])
})

test('a flood of 500 causes in a minute is at most ten rows that need a person; one key answers them all', async () => {
  const places = await Promise.all(Array.from({ length: 4 }, () => makePrecinct(city.db)))
  const at = newDay()
  const kinds = ['replayed-tag', 'forged-tag', 'impossible-travel', 'device-shared', 'clock-skew'] as const
  for (let second = 0; second < 60; second += 10) {
    await raise(
      at(second),
      Array.from({ length: 84 }, (_, i) => ({
        kind: kinds[i % kinds.length] ?? 'forged-tag',
        dedupKey: `flood:${start}:${second}:${i}`,
        priority: (i % kinds.length === 0 ? 1 : 2) as 1 | 2,
        precinctId: places[i % places.length]?.precinctId ?? null,
      })),
    )
    await sweep(at(second + 1))
  }
  const mine = () =>
    readAlerts(
      city.db,
      sql`where a.closed_at is null and a.raised_at >= ${at(0).toISOString()} order by a.id`,
    )
  const rows = await mine()
  expect(rows.filter(({ isParent }) => !isParent)).toHaveLength(504)
  expect(asking(rows).length).toBeLessThanOrEqual(10)
  for (const { precinctId } of places) {
    expect(asking(await open(precinctId)).length).toBeLessThanOrEqual(10)
  }
  for (const row of asking(rows)) await act(row.id, at(70), { act: 'acknowledge' })
  await sweep(at(71))
  expect((await mine()).filter(({ state }) => state !== 'ack')).toEqual([])
})

test('the shelved return by themselves and are placed anew; a row taken out of service waits for a person', async () => {
  const { precinctId } = await makePrecinct(city.db)
  const at = newDay()
  await raise(
    at(0),
    Array.from({ length: 6 }, (_, i) => ({
      kind: 'forged-tag',
      dedupKey: `shelf:${precinctId}:${i}`,
      priority: 2 as const,
      precinctId,
    })),
  )
  await sweep(at(1))
  const [parent] = asking(await open(precinctId))
  expect(parent).toMatchObject({ isParent: true, count: 6 })
  await act(parent?.id ?? 0, at(10), { act: 'shelve', until: at(610), reason: '標籤更換中' })
  await sweep(at(11))
  const shelved = await open(precinctId)
  expect(shelved.map(({ state }) => state)).toEqual(Array.from({ length: 6 }, () => 'shelved'))
  expect(shelved[0]).toMatchObject({
    heldBy: operator.name,
    heldReason: '標籤更換中',
    quietUntil: at(610).toISOString(),
  })
  await sweep(at(611))
  expect(asking(await open(precinctId))).toMatchObject([{ isParent: true, count: 6, state: 'unack' }])

  const [row] = await open(precinctId)
  await act(row?.id ?? 0, at(620), { act: 'take-out-of-service', reason: '故障' })
  await raise(at(630), [{ kind: 'forged-tag', dedupKey: `shelf:${precinctId}:0`, priority: 2, precinctId }])
  await sweep(at(80_000))
  expect((await open(precinctId))[0]).toMatchObject({ state: 'out-of-service', count: 2 })
  expect(await act(row?.id ?? 0, at(80_010), { act: 'return-to-service' })).toMatchObject({ state: 'unack' })
})

/** When time alone moves on an alert of this precinct, ms; null when it moves none. */
async function nextDue(precinctId: number): Promise<number | null> {
  const { rows } = await city.db.execute<{ at: number | null }>(sql`
    select (extract(epoch from min(next_change_at)) * 1000)::float8 as at from alert
    where precinct_id = ${precinctId} and closed_at is null`)
  return rows[0]?.at ?? null
}

/** What one key is, told without the engine: by its last causes and answers alone. */
interface Told {
  stands: boolean
  since: number
  goneAt: number
  isShown: boolean
  isAnswered: boolean
  shelvedUntil: number
}

test('random lives on the real database are as a naive account has them: none lost, none doubled', async () => {
  const { precinctId } = await makePrecinct(city.db)
  const keys = ['a', 'b', 'c'].map((name) => `random:${precinctId}:${name}`)
  const step = fc.record({
    key: fc.integer({ min: 0, max: keys.length - 1 }),
    do: fc.constantFrom('cause', 'cause', 'gone', 'acknowledge', 'shelve', 'wait'),
    seconds: fc.integer({ min: 1, max: 130 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 16 }), async (steps) => {
      await city.db.execute(
        sql`update alert set closed_at = now() where precinct_id = ${precinctId} and closed_at is null`,
      )
      const at = newDay()
      const told = new Map<string, Told>()
      let now = 0
      const pass = () => {
        for (const [key, one] of told) {
          if (now < one.shelvedUntil) continue
          if (one.shelvedUntil > 0) {
            one.isAnswered = false
            // It was quiet by a person's decision: over, it is nothing more.
            if (!one.stands && now >= one.goneAt + 120) told.delete(key)
            one.shelvedUntil = 0
          }
          if (!one.isShown && one.stands && now >= one.since + 60) one.isShown = true
          if (!one.isShown && !one.stands) told.delete(key)
          if (!one.stands && now >= one.goneAt + 120 && one.isAnswered) told.delete(key)
        }
      }
      for (const { key: index, do: what, seconds } of steps) {
        // Second by second in the account; the sweep at the moments that the rows themselves name.
        const until = now + seconds
        for (let due = await nextDue(precinctId); due !== null && due <= at(until).getTime();) {
          await sweep(new Date(due))
          due = await nextDue(precinctId)
        }
        while (now < until) {
          now += 1
          pass()
        }
        const key = keys[index] ?? ''
        const one = told.get(key)
        const row = (await readAlerts(city.db, sql`where a.dedup_key = ${key} and a.closed_at is null`))[0]
        if (what === 'cause') {
          await raise(at(now), [{ kind: 'gps-off', dedupKey: key, priority: 3, precinctId }])
          if (one) one.stands = true
          else
            told.set(key, {
              stands: true,
              since: now,
              goneAt: 0,
              isShown: false,
              isAnswered: false,
              shelvedUntil: 0,
            })
        } else if (what === 'gone' && one?.stands) {
          await clear(at(now), key)
          Object.assign(one, { stands: false, goneAt: now })
        } else if (what === 'acknowledge' && row && one?.isShown && one.shelvedUntil === 0) {
          await act(row.id, at(now), { act: 'acknowledge' })
          one.isAnswered = true
        } else if (what === 'shelve' && row && one?.isShown && one.shelvedUntil === 0) {
          await act(row.id, at(now), { act: 'shelve', until: at(now + 100), reason: 'x' })
          one.shelvedUntil = now + 100
        }
        pass()
        await sweep(at(now))
        const rows = await readAlerts(
          city.db,
          sql`where a.precinct_id = ${precinctId} and a.closed_at is null and not a.is_parent order by a.dedup_key`,
        )
        const shown = rows.filter(({ state }) => state !== null)
        const expected = [...told].filter(([, value]) => value.isShown).sort(([a], [b]) => (a < b ? -1 : 1))
        expect(shown.map(({ state }) => state)).toEqual(
          expected.map(([, value]) => {
            if (value.shelvedUntil > 0) return 'shelved'
            if (value.isAnswered) return 'ack'
            return !value.stands && now >= value.goneAt + 120 ? 'rtn-unack' : 'unack'
          }),
        )
      }
    }),
    { numRuns: 5 },
  )
})
