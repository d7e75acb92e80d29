import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BeatContacts, ItemAnswer } from '@patrol/contract'
import { inTransaction, type roleGrant } from '@patrol/db'
import {
  makeBeat,
  makeDepartment,
  makeOfficer,
  makePrecinct,
  makeStation,
  newUuidV7,
} from '@patrol/db/factories'
import { resealContacts } from '../src/cli/contacts.ts'
import { runImport, type ImportResult } from '../src/import/run-import.ts'
import { eventually, startTestCity, type TestCity } from './build-app.ts'

/** In every field of every person here; wherever it turns up, a person's data got out. */
const canary = 'QUARTZFINCH'
const keys = new Map([[1, randomBytes(32)]])
/** Everything that the server logs, at its most talkative. */
let log = ''

let city: TestCity
let folder: string
let world: Awaited<ReturnType<typeof furnish>>

beforeAll(async () => {
  const logTo = new Writable({
    write(chunk, _encoding, done) {
      log += String(chunk)
      done()
    },
  })
  city = await startTestCity({ contactKeys: keys, logLevel: 'trace' }, { logTo })
  folder = await mkdtemp(join(tmpdir(), 'patrol-contacts-'))
  world = await furnish()
})
afterAll(async () => {
  await city.stop()
  await rm(folder, { recursive: true })
})

async function furnish() {
  const { db } = city
  const place = await makePrecinct(db)
  const beat = await makeBeat(db, place)
  const neighbour = await makeBeat(db, place)
  const otherStation = await makeStation(db, place.precinctId)
  const department = await makeDepartment(db)
  const someone = async (role: typeof roleGrant.$inferInsert.role, organisationId: number) => {
    const officer = await makeOfficer(db, place, { roles: [role], organisationId })
    return { officer, ...(await city.logIn(officer.id)) }
  }
  const people = {
    beatOfficer: await someone('beat-officer', beat.id),
    neighbour: await someone('beat-officer', neighbour.id),
    stationBeatOfficer: await someone('beat-officer', place.stationId),
    stationSupervisor: await someone('supervisor', place.stationId),
    precinctSupervisor: await someone('supervisor', place.precinctId),
    otherSupervisor: await someone('supervisor', otherStation.id),
    citySupervisor: await someone('supervisor', department.id),
    operator: await someone('operator', department.id),
    dutyOfficer: await someone('duty-officer', department.id),
    administrator: await someone('administrator', department.id),
    officer: await someone('officer', place.stationId),
  }
  const imported = await importContacts(
    `${canary}-1,治安顧慮人口,鷺${canary},${canary}路1號,0900-${canary},${canary}事由,${beat.code}`,
    `${canary}-2,記事人口,鷗${canary},${canary}路2號,,,${beat.name}`,
    // None of these may be taken, and no report may quote them.
    `${canary}-2,記事人口,鷗${canary},,,,${beat.code}`,
    `${canary}-3,${canary},鷹${canary},,,,${beat.code}`,
    `${canary}-4,記事人口,鷹${canary},,,,${canary}`,
    `${canary}-5,記事人口,,${canary},,,${beat.code}`,
  )
  return { place, beat, people, imported }
}

async function importContacts(...rows: string[]): Promise<ImportResult & { said: string }> {
  const file = join(folder, `${canary}.csv`)
  await writeFile(file, ['編號,類別,姓名,地址,電話,備註,警勤區', ...rows].join('\n'))
  let said = ''
  const result = await runImport(city.db, 'contacts', [file], {
    source: '',
    dryRun: false,
    keyVersion: 1,
    contactKeys: city.env.contactKeys,
    log: (line) => (said += `${line}\n`),
  })
  return { ...result, said }
}

type Who = { cookie: string }
const post = ({ cookie }: Who, url: string, payload: object) =>
  city.app.inject({ method: 'POST', url, headers: { cookie, 'x-requested-with': 'patrol' }, payload })
const list = ({ cookie }: Who) => city.app.inject({ url: '/api/v1/contacts', headers: { cookie } })
/** The person of concern first. */
const contactsOf = async (who: Who) =>
  (await list(who)).json<BeatContacts>().contacts.sort((a, b) => (a.kind < b.kind ? -1 : 1))
const open = (who: Who, id: string | undefined, purpose = 'visit') =>
  post(who, `/api/v1/contacts/${id}/open`, { purpose })
const auditOf = async (contactId: string | undefined) =>
  (
    await city.db.execute(sql`
      select officer_id, action, details from audit where subject = ${`contact:${contactId}`} order by id`)
  ).rows

test('an import seals what it takes, and reports lines and columns, never values', async () => {
  expect(world.imported).toMatchObject({ read: 6, usable: 2, added: 2 })
  expect(world.imported.bad.map(({ line, field }) => [line, field])).toEqual([
    [4, 'id'],
    [5, 'kind'],
    [6, 'beat'],
    [7, 'name'],
  ])
  expect(JSON.stringify(world.imported)).not.toContain(canary)
  await expect(importContacts('"broken')).rejects.toThrow(/^(?!.*QUARTZFINCH)/)
})

test('the officer of the beat and its supervisors see a masked list; nobody else sees anything', async () => {
  const { people, beat } = world
  const [first, second] = await contactsOf(people.beatOfficer)
  expect([first, second]).toMatchObject([
    { kind: 'concern', maskedName: '鷺○○', beatId: beat.id, lastVisitedOn: null },
    { kind: 'recorded', maskedName: '鷗○○' },
  ])
  expect(await contactsOf(people.stationSupervisor)).toHaveLength(2)
  expect(await contactsOf(people.precinctSupervisor)).toHaveLength(2)
  for (const who of ['neighbour', 'stationBeatOfficer', 'otherSupervisor', 'citySupervisor'] as const) {
    expect(await contactsOf(people[who]), who).toEqual([])
    expect((await open(people[who], first?.id)).statusCode, who).toBe(404)
  }
  for (const who of ['operator', 'dutyOfficer', 'administrator', 'officer'] as const) {
    expect((await list(people[who])).statusCode, who).toBe(403)
    expect((await open(people[who], first?.id)).statusCode, who).toBe(403)
  }
  expect(await auditOf(first?.id)).toMatchObject([
    { officer_id: people.neighbour.officer.id, action: 'contact:refused' },
    {},
    {},
    {},
  ])
})

test('opening needs a purpose, is on record with it, and is never cached', async () => {
  const { beatOfficer } = world.people
  const [, contact] = await contactsOf(beatOfficer)
  expect((await post(beatOfficer, `/api/v1/contacts/${contact?.id}/open`, {})).statusCode).toBe(400)
  expect((await open(beatOfficer, contact?.id, 'curiosity')).statusCode).toBe(400)
  expect(await auditOf(contact?.id)).toEqual([])
  const opened = await open(beatOfficer, contact?.id, 'urgent-check')
  expect(opened.headers['cache-control']).toBe('no-store')
  expect(opened.json()).toMatchObject({ name: `鷗${canary}`, address: `${canary}路2號` })
  expect(await auditOf(contact?.id)).toEqual([
    { officer_id: beatOfficer.officer.id, action: 'contact:opened', details: { purpose: 'urgent-check' } },
  ])
})

test('who opens more than anybody visits is stopped, on record', async () => {
  const { precinctSupervisor } = world.people
  const [contact] = await contactsOf(precinctSupervisor)
  await city.db.execute(sql`
    insert into audit (at, officer_id, action, subject)
    select city_now(), ${precinctSupervisor.officer.id}, 'contact:opened', 'contact:x' from generate_series(1, 60)`)
  expect((await open(precinctSupervisor, contact?.id)).statusCode).toBe(429)
  expect((await auditOf(contact?.id)).at(-1)).toMatchObject({ action: 'contact:too-many' })
})

test('a visit is one row by its id: started, then finished; the first outcome stays', async () => {
  const { beatOfficer, officer, neighbour } = world.people
  const [contact] = await contactsOf(beatOfficer)
  const id = newUuidV7()
  const startedAt = new Date(Date.now() - 60_000).toISOString()
  const visit = { id, contactId: contact?.id, startedAt, finished: null }
  const finished = (outcome: string) => ({ ...visit, finished: { at: new Date().toISOString(), outcome } })
  const send = async (who: Who, ...visits: object[]) =>
    (await post(who, '/api/v1/visits', { visits })).json<{ results: ItemAnswer[] }>().results
  expect(await send(beatOfficer, visit)).toEqual([{ id, stored: true }])
  expect(await send(beatOfficer, visit, finished('met'))).toEqual([
    { id, stored: true },
    { id, stored: true },
  ])
  expect(await send(beatOfficer, finished('refused'))).toEqual([{ id, stored: true }])
  const { rows } = await city.db.execute(sql`select outcome, officer_id from visit where id = ${id}`)
  expect(rows).toEqual([{ outcome: 'met', officer_id: beatOfficer.officer.id }])
  const visited = (await contactsOf(beatOfficer)).find((one) => one.id === contact?.id)
  expect(visited?.lastVisitedOn).toBe(new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10))

  // On a shared handheld a colleague brings it; whose beat it is not has no visit there.
  const brought = { ...finished('not-home'), id: newUuidV7(), officerId: beatOfficer.officer.id }
  const foreign = { ...finished('met'), id: newUuidV7() }
  expect(await send(officer, brought)).toMatchObject([{ stored: true }])
  expect(await send(neighbour, foreign)).toMatchObject([{ id: foreign.id, refused: true }])
  expect(await send(beatOfficer, { ...visit, id: 'x' })).toMatchObject([{ refused: true }])
})

test('a new key takes over: sealed anew, the old one may go', async () => {
  const { beatOfficer } = world.people
  keys.set(2, randomBytes(32))
  expect(await inTransaction(city.db, (tx) => resealContacts(tx, keys))).toBe(2)
  keys.delete(1)
  const [contact] = await contactsOf(beatOfficer)
  expect((await open(beatOfficer, contact?.id)).body).toContain(canary)
  const again = await importContacts(
    `${canary}-1,concern,鷺${canary},${canary}路1號,0900-${canary},${canary}事由,${world.beat.code}`,
    `${canary}-2,記事人口,鷗${canary},${canary}路3號,,,${world.beat.code}`,
  )
  expect(again).toMatchObject({ added: 0, changed: 1, unchanged: 1 })
})

test('without a key there are no contacts, and the answer says why', async () => {
  city.env.contactKeys = null
  try {
    expect((await list(world.people.beatOfficer)).json()).toMatchObject({ code: 'CONTACTS_OFF' })
    await expect(importContacts('x,記事人口,x,x,,,x')).rejects.toThrow('CONTACT_KEYS')
  } finally {
    city.env.contactKeys = keys
  }
})

test('nothing of a person leaves by any door, event, table, metric, screen or log but by opening it', async () => {
  const { people } = world
  const frames: string[] = []
  const screen = city.openScreen(people.dutyOfficer.cookie)
  screen.onAny((...message: unknown[]) => frames.push(JSON.stringify(message)))
  await new Promise((resolve) => screen.once('connect', () => resolve(null)))

  const [contact] = await contactsOf(people.beatOfficer)
  // The canary is there to be found.
  expect((await open(people.beatOfficer, contact?.id)).body).toContain(canary)
  await post(people.beatOfficer, '/api/v1/visits', {
    visits: [
      {
        id: newUuidV7(),
        contactId: contact?.id,
        startedAt: new Date().toISOString(),
        finished: { at: new Date().toISOString(), outcome: 'met' },
      },
    ],
  })
  // A row that was tampered with, and a key that is gone: errors of ours, with a line in the log.
  await city.db.execute(
    sql`update contact set beat_id = ${world.beat.id}, kind = 'consultation' where id = ${contact?.id}`,
  )
  expect((await open(people.beatOfficer, contact?.id)).statusCode).toBe(500)
  expect((await list(people.beatOfficer)).statusCode).toBe(500)
  await city.db.execute(sql`update contact set kind = 'concern' where id = ${contact?.id}`)
  expect((await contactsOf(people.beatOfficer)).length).toBe(2)

  const answers = await walkDoors(contact?.id ?? '')
  expect(answers.length).toBeGreaterThan(100)
  expect(answers.filter(({ body }) => body.includes(canary)).map(({ door }) => door)).toEqual([])

  await eventually('the events to be numbered', async () => {
    const { rows } = await city.db.execute(sql`select 1 from outbox`)
    return rows.length === 0 ? true : undefined
  })
  expect(await tablesWith(canary)).toEqual([])
  expect(frames.join()).not.toContain(canary)
  expect(log).toContain('does not open')
  expect(log).not.toContain(canary)
})

/** Every door as everybody: with this id in its path, and with whatever a schema lets through. */
async function walkDoors(id: string): Promise<{ door: string; body: string }[]> {
  const on = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10)
  const query = `on=${on}&serviceOn=${on}&since=${on}T00:00:00Z&after=0&limit=100`
  const doors = Object.entries(city.app.swagger().paths ?? {}).flatMap(([path, methods]) =>
    Object.keys(methods ?? {}).flatMap((method) =>
      method === 'get' || method === 'post' ? [{ path, method }] : [],
    ),
  )
  const answers: { door: string; body: string }[] = []
  for (const who of Object.values(world.people)) {
    for (const { path, method } of [
      ...doors,
      { path: '/metrics', method: 'get' },
      { path: '/docs/json', method: 'get' },
    ]) {
      // The one door that is meant to tell, and the one that ends the session.
      if (path.endsWith('/contacts/{id}/open')) continue
      for (const value of [id, '1']) {
        const url = path.replaceAll(/\{\w+\}/g, value)
        const { body } = await city.app.inject({
          method: method === 'get' ? 'GET' : 'POST',
          url: `${url}?${query}`,
          headers: { cookie: who.cookie, 'x-requested-with': 'patrol' },
          ...(method === 'get' ? {} : { payload: { id, purpose: 'visit' } }),
        })
        answers.push({ door: `${method} ${path}`, body })
        if (!path.includes('{')) break
      }
    }
  }
  return answers
}

/** Tables with a row that holds this text, as text or as bytes. */
async function tablesWith(text: string): Promise<string[]> {
  const { rows } = await city.db.execute<{ name: string }>(sql`
    select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind = 'r'`)
  expect(rows.map(({ name }) => name)).toContain('audit')
  const found = []
  for (const { name } of rows) {
    const { rows: hits } = await city.db.execute(sql`
      select 1 from ${sql.identifier(name)} t
      where t::text like ${`%${text}%`} or t::text like ${`%${Buffer.from(text).toString('hex')}%`} limit 1`)
    if (hits.length > 0) found.push(name)
  }
  return found
}
