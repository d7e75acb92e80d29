import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { connect } from '@patrol/db'
import { runConformance } from '../src/cli/conformance.ts'

const folder = mkdtempSync(join(tmpdir(), 'conformance-trackers-'))
beforeAll(() => {
  // The command makes its own database, on the servers of this test run.
  const { databaseUrl, redisUrl } = inject('services')
  Object.assign(process.env, { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl })
})
afterAll(() => rmSync(folder, { recursive: true }))

async function run(path: string) {
  const out: string[] = []
  const output = { out: (line: string) => void out.push(line), err: () => undefined }
  const code = await runConformance(['--trackers', path, '--json'], output)
  return { code, lines: out.map((line): unknown => JSON.parse(line)) }
}

function writeCases(cases: object[]): string {
  const file = join(folder, 'cases.json')
  writeFileSync(file, JSON.stringify({ tolerances: { lat: 0.001, timeMs: 0 }, cases }))
  return file
}

const trackerCase = (id: string, request: object, expected?: object) => ({ id, request, expect: expected })
const get = (url: string) => ({ method: 'GET', url })
const post = (url: string, json: unknown) => ({
  method: 'POST',
  url,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(json),
})
const at = (lat: number) => ({
  status: 200,
  positions: [{ deviceId: 'm-7', lat, speedMps: null, time: '@now' }],
})

it('judges the server’s status and what is on record, case by case', async () => {
  const tst = 1_700_000_000
  const location = (lat: number, seconds: number) => ({
    _type: 'location',
    lat,
    lon: 120.2,
    tst: tst + seconds,
  })
  const timeOf = (seconds: number) => new Date((tst + seconds) * 1_000).toISOString()
  const file = writeCases([
    trackerCase('near', get('/?id=m-7&lat=22.9905&lon=120.2'), at(22.99)),
    trackerCase('far', get('/?id=m-7&lat=22.9925&lon=120.2'), at(22.99)),
    trackerCase('known-speed', get('/?id=m-7&lat=22.99&lon=120.2&speed=0'), at(22.99)),
    trackerCase('too-many', get('/?id=m-7&lat=22.99&lon=120.2'), { status: 200, positions: [] }),
    trackerCase('other-device', get('/?id=m-8&lat=22.99&lon=120.2'), at(22.99)),
    trackerCase('refused', get('/?lat=22.99&lon=120.2'), { status: 400, positions: [] }),
    trackerCase('stranger', get('/?id=m-9&lat=22.99&lon=120.2'), { status: 401, positions: [] }),
    trackerCase('keep-alive', get('/?id=m-7&batt=40'), {
      status: 200,
      positions: [{ deviceId: 'm-7', lat: null, batteryPct: 40 }],
    }),
    trackerCase('newest-first', post('/pub?u=a&d=b', [location(22.1, 60), location(22.2, 0)]), {
      status: 200,
      positions: [
        { deviceId: 'owntracks/a/b', lat: 22.1, time: timeOf(60) },
        { deviceId: 'owntracks/a/b', lat: 22.2, time: timeOf(0) },
      ],
    }),
    trackerCase('same-time-again', post('/pub?u=a&d=b', location(22.3, 60)), {
      status: 200,
      positions: [{ lat: 22.3, time: timeOf(60) }],
    }),
    trackerCase('open', get('/?id=m-10')),
  ])
  const { code, lines } = await run(file)
  expect(lines).toMatchObject([
    { id: 'near', pass: true },
    { id: 'far', pass: false },
    { id: 'known-speed', pass: false },
    { id: 'too-many', pass: false },
    { id: 'other-device', got: { status: 200, positions: [{ deviceId: 'm-8' }] }, pass: false },
    { id: 'refused', got: { status: 400, positions: [] }, pass: true },
    { id: 'stranger', got: { status: 401, positions: [] }, pass: true },
    { id: 'keep-alive', pass: true },
    { id: 'newest-first', pass: true },
    { id: 'same-time-again', pass: true },
    { id: 'open', got: { status: 200, positions: [{ lat: null, lon: null }] }, pass: null },
    { passed: 6, failed: 4 },
  ])
  expect(code).toBe(1)

  const db = connect(inject('services').databaseUrl, { max: 1, name: 'test' })
  const left = await db.$client.query(`select 1 from pg_database where datname like 'patrol_conformance_%'`)
  await db.$client.end()
  expect(left.rows).toEqual([])
})

it('ends with 2 before it starts a server, for a file that is not there or of another format', async () => {
  expect(await run(join(folder, 'none.json'))).toEqual({ code: 2, lines: [] })
  writeFileSync(join(folder, 'other.json'), '{"vectors": []}')
  expect(await run(join(folder, 'other.json'))).toEqual({ code: 2, lines: [] })
})

const published = resolve(import.meta.dirname, '../../../shared/vectors/tracker-protocols')
if (!existsSync(published)) console.log('skipped: --trackers, no ../shared beside the project')
it.skipIf(!existsSync(published))('all published cases pass', async () => {
  const { code, lines } = await run(published)
  expect(lines.at(-1)).toMatchObject({ failed: 0 })
  expect(lines.length).toBeGreaterThan(20)
  expect(code).toBe(0)
})
