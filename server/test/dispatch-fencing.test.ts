import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Assignment, AssignmentReassigned, Order } from '@patrol/contract'
import type { Static } from 'typebox'
import { makeOfficer, makePrecinct, makeUnit } from '@patrol/db/factories'
import { eventually, startTestCity, type TestCity } from './build-app.ts'
import { ask, keyOf, openConsole, openPhone, showsAll } from './dispatch-people.ts'

let city: TestCity
beforeAll(async () => {
  city = await startTestCity()
})
afterAll(() => city.stop())

/** Three units with a phone each, two consoles and a wall of one precinct. */
async function makePeople() {
  const place = await makePrecinct(city.db)
  const organisationId = place.precinctId
  const watcher = async (role: 'duty-officer' | 'operator') =>
    (await city.logIn((await makeOfficer(city.db, place, { roles: [role], organisationId })).id)).cookie
  const dutyOfficers = [await watcher('duty-officer'), await watcher('duty-officer')] as const
  const consoles = await Promise.all(dutyOfficers.map((cookie) => openConsole(city, cookie)))
  // A wall reads what a console reads; its session is another.
  const wall = await openConsole(city, await watcher('operator'))
  const units = []
  for (let n = 0; n < 3; n++) {
    const officer = await makeOfficer(city.db, place)
    const { unit } = await makeUnit(city.db, place, [officer.id])
    units.push({ id: unit.id, phone: await openPhone(city, (await city.logIn(officer.id)).cookie) })
  }
  return { place, dutyOfficers, consoles, wall, units }
}
type People = Awaited<ReturnType<typeof makePeople>>

const order = (cookie: string, unitId: number) =>
  ask<Order>(city, cookie, 'POST', '/assignments', {
    id: randomUUID(),
    unitId,
    to: { title: '支援', lon: 120.2, lat: 23 },
  })

const openOrders = async (cookie: string) =>
  (await ask<{ assignments: Assignment[] }>(city, cookie, 'GET', '/assignments')).body.assignments

type Step =
  | { who: 'phone'; n: number; act: 'accept' | 'refuse' | 'en-route' | 'on-scene' | 'clear' }
  | { who: 'phone'; n: number; act: 'disconnect' | 'reconnect' }
  | { who: 'console'; n: number; act: 'reassign' | 'cancel' | 'order'; unit: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      who: fc.constant('phone' as const),
      n: fc.nat(2),
      act: fc.constantFrom('accept', 'accept', 'accept', 'refuse', 'en-route', 'on-scene', 'clear'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      who: fc.constant('phone' as const),
      n: fc.nat(2),
      act: fc.constantFrom('disconnect', 'reconnect'),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      who: fc.constant('console' as const),
      n: fc.nat(1),
      act: fc.constantFrom('reassign', 'reassign', 'reassign', 'cancel', 'order'),
      unit: fc.nat(2),
    }),
  },
)

async function take({ dutyOfficers, units }: People, one: Step): Promise<void> {
  if (one.who === 'phone') {
    const phone = units[one.n]?.phone
    if (one.act === 'disconnect') phone?.disconnect()
    else if (one.act === 'reconnect') await phone?.reconnect()
    else await phone?.press(one.act)
    return
  }
  const cookie = dutyOfficers[one.n] ?? ''
  const unitId = units[one.unit]?.id ?? 0
  if (one.act === 'order') return void (await order(cookie, unitId))
  // What this console sees now; another may be quicker, and then it is refused.
  const [seen] = await openOrders(cookie)
  if (seen === undefined) return
  const command = { id: randomUUID(), epoch: seen.epoch }
  const [path, body] =
    one.act === 'reassign' ? ['reassign', { ...command, unitId }] : ['cancel', { ...command, reason: '撤' }]
  const { status } = await ask(city, cookie, 'POST', `/assignments/${seen.id}/${path}`, body)
  expect([200, 409]).toContain(status)
}

/** Replays the log: at every moment each order has one holder, under one epoch, and nothing else has moved it. */
async function checkLog(precinctId: number): Promise<void> {
  await eventually('an empty outbox', async () =>
    (await city.db.execute(sql`select 1 from outbox`)).rows.length === 0 ? true : undefined,
  )
  const { rows } = await city.db.execute<{ type: string; data: Static<typeof AssignmentReassigned> }>(sql`
    select type, data from event where precinct_id = ${precinctId} and type like 'assignment:%' order by pos`)
  const holders = new Map<string, Assignment>()
  for (const { type, data } of rows) {
    const before = holders.get(data.id)
    if (type === 'assignment:ordered') expect([before, data.epoch]).toEqual([undefined, 1])
    else if (type === 'assignment:reassigned') {
      expect([data.epoch, data.fromUnitId]).toEqual([(before?.epoch ?? 0) + 1, before?.unitId])
      expect(data.state).toBe('ordered')
    } else expect([type, data.epoch, data.unitId]).toEqual([type, before?.epoch, before?.unitId])
    holders.set(data.id, data)
  }
}

/** Every answer was done, or refused for a reason that holds. */
async function checkAnswers({ units }: People): Promise<void> {
  for (const { phone } of units) {
    for (const { answer, orderId, status, body } of phone.answers) {
      if (status === 200) continue
      expect(status, JSON.stringify(body)).toBe(409)
      const { rows } = await city.db.execute<{ epoch: number; state: string; problem: string }>(sql`
        select a.epoch, a.state, d.problem from assignment a join assignment_act d on d.assignment_id = a.id
        where a.id = ${orderId} and d.id = ${answer.id}`)
      const [now] = rows
      expect(now?.problem).toBe(body.code)
      expect(body.about).toBeTruthy()
      if (body.code === 'ASSIGNMENT_REASSIGNED') expect(now?.epoch).toBeGreaterThan(answer.epoch)
      else expect(['ASSIGNMENT_CLOSED', 'ASSIGNMENT_MOVED_ON']).toContain(body.code)
    }
  }
}

test('whatever is pressed at once: one holder, every stale answer refused with its reason, all screens equal', async () => {
  let answered = 0
  let refused = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 8, maxLength: 14 }),
      async (rounds) => {
        const people = await makePeople()
        await order(people.dutyOfficers[0], people.units[0]?.id ?? 0)
        // What stands in one round happens at the same time.
        for (const round of rounds) await Promise.all(round.map((one) => take(people, one)))
        await Promise.all(people.units.map(({ phone }) => phone.reconnect()))

        await checkLog(people.place.precinctId)
        await checkAnswers(people)
        const open = await openOrders(people.dutyOfficers[0])
        const all = open.map(keyOf).toSorted()
        for (const screen of [...people.consoles, people.wall]) await showsAll('a screen', all, screen.shows)
        for (const { id, phone } of people.units) {
          const own = open.filter(({ unitId, state }) => unitId === id && state !== 'refused').map(keyOf)
          await showsAll('a phone', own.toSorted(), phone.shows)
          answered += phone.answers.length
          refused += phone.answers.filter(({ status }) => status === 409).length
          phone.close()
        }
      },
    ),
    { numRuns: 6, seed: 20_261_127, endOnFailure: true },
  )
  console.log(`${answered} answers, ${refused} of them refused`)
  // The steps do reach what is to be proved.
  expect(refused).toBeGreaterThan(3)
  expect(answered - refused).toBeGreaterThan(10)
})

test('each act of one is on two consoles, a wall and the phones it is about, without anybody asking', async () => {
  const { dutyOfficers, consoles, wall, units } = await makePeople()
  const delays: number[] = []
  const [a, b, c] = units
  if (a === undefined || b === undefined || c === undefined) throw new Error('There are three units.')

  /** Waits until every screen and the phones named have heard of it by themselves. */
  async function reaches(key: string, from: number, phones: People['units']): Promise<void> {
    for (const { heard } of [...consoles, wall, ...phones.map(({ phone }) => phone)]) {
      const at = await eventually(key, () => heard.find((one) => one.key === key)?.at)
      delays.push(at - from)
    }
  }
  let from = performance.now()
  const { body: made } = await order(dutyOfficers[0], a.id)
  await reaches(keyOf(made), from, [a])
  from = performance.now()
  await a.phone.press('accept')
  await reaches(keyOf({ ...made, state: 'accepted' }), from, [a])
  from = performance.now()
  const move = { id: randomUUID(), epoch: 1, unitId: b.id }
  const { body: moved } = await ask<Order>(
    city,
    dutyOfficers[1],
    'POST',
    `/assignments/${made.id}/reassign`,
    move,
  )
  await reaches(keyOf(moved), from, [b])
  await showsAll('the old phone', [], a.phone.knows)
  const { body: second } = await order(dutyOfficers[1], c.id)
  // A phone answers what it sees: it must have heard of the order first.
  await showsAll('the third phone', [keyOf(second)], c.phone.knows)
  for (const act of ['accept', 'en-route', 'on-scene'] as const) {
    from = performance.now()
    await Promise.all([b.phone.press(act), c.phone.press(act)])
    const state = act === 'accept' ? 'accepted' : act
    await reaches(keyOf({ ...moved, state }), from, [b])
    await reaches(keyOf({ ...second, state }), from, [c])
  }
  await Promise.all([b.phone.press('clear'), c.phone.press('clear')])
  for (const screen of [...consoles, wall]) await showsAll('a screen', [], screen.shows)
  for (const { phone } of units) {
    await showsAll('a phone', [], phone.knows)
    phone.close()
  }
  const sorted = delays.toSorted((x, y) => x - y)
  const at = (share: number) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0)
  console.log(
    `${delays.length} arrivals after the act began: p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, most ${at(1)} ms`,
  )
})
