import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { CheckIn } from '@patrol/contract'
import { inTransaction, type OpenTx } from '@patrol/db'
import { programChip, tapChip } from '../../../test/secure-tag.ts'
import { buildApp } from '../../app.ts'
import { insertRows } from '../../check-in/insert-rows.ts'
import { judgeScans, prepareScans } from '../../check-in/judge-scans.ts'
import { prepareContext } from '../../check-in/scan-context.ts'
import { sunKeysOf, verifySunUrl } from '../../check-in/proof/sun-url.ts'
import { readEnv } from '../../env.ts'
import { officerOf } from '../../plugins/session.ts'
import { buildCheckIns } from './build-check-in.ts'
import { buildCity, makeBenchKeys } from './build-city.ts'
import { createPlanner, minute } from './plan.ts'
import { settingsOf } from './server-process.ts'
import { withBenchDatabase, type BenchServices } from './with-bench-database.ts'

/** Phones at once, one check-in each. */
const phones = 2
const warmUp = 100

const rounds = 100

/**
 * Milliseconds to verify the URL of a tap, each of another tag, so that no key is at hand. Of several rounds the quietest:
 * what other programs take from the processor is none of ours.
 */
export function measureSun(taps = 500): { p50: number; p99: number } {
  const masterKey = randomBytes(16)
  const keys = sunKeysOf(masterKey)
  const urls = Array.from({ length: taps }, (_, nr) => {
    const uid = `04${nr.toString(16).padStart(12, '0')}`.toUpperCase()
    return tapChip(programChip(masterKey, uid, '1ABCDEFGHJKMNPQRSTVWXYZ0123'), nr + 1)
  })
  const measured = Array.from({ length: rounds }, () => {
    const times = urls.map((url) => {
      const began = performance.now()
      if (!verifySunUrl(url, keys).valid) throw new Error('A right tap was refused.')
      return performance.now() - began
    })
    return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) }
  })
  return measured.toSorted((a, b) => a.p99 - b.p99)[0] ?? { p50: 0, p99: 0 }
}

/**
 * Acknowledgement of one check-in over HTTP, p95 in milliseconds: a bare insert of its row, and the same with all layers of
 * the judge before it (a secure tag's tap signed by an enrolled device). Turn by turn in one run, committed to disk.
 */
export async function measureJudging(
  requests: number,
  progress: (line: string) => void,
): Promise<{ bareP50: number; judgedP50: number; bareP95: number; judgedP95: number; ratio: number }> {
  return withBenchDatabase(progress, async (services) => {
    const { checkIns, open } = await prepare(services, requests)
    const door = await open()
    try {
      const times = { bare: [] as number[], judged: [] as number[] }
      const rest = [...checkIns]
      const phone = async () => {
        for (let checkIn = rest.pop(); checkIn !== undefined; checkIn = rest.pop()) {
          const way = rest.length % 2 === 0 ? 'bare' : 'judged'
          const began = performance.now()
          await door.post(way, checkIn)
          if (rest.length < checkIns.length - warmUp) times[way].push(performance.now() - began)
        }
      }
      await Promise.all(Array.from({ length: phones }, phone))
      const bareP95 = percentile(times.bare, 0.95)
      const judgedP95 = percentile(times.judged, 0.95)
      return {
        bareP50: percentile(times.bare, 0.5),
        judgedP50: percentile(times.judged, 0.5),
        bareP95,
        judgedP95,
        ratio: Math.round((judgedP95 / bareP95) * 100) / 100,
      }
    } finally {
      await door.close()
    }
  })
}

async function prepare(services: BenchServices, requests: number) {
  const planner = createPlanner(1)
  for (let nr = 0; nr <= requests; nr++) {
    const point = nr % planner.plan.points.length
    const [officer = 0] = planner.addUnit(Math.floor(point / 12), 1)
    const trueMs = -minute - nr
    planner.plan.scans.push({
      kind: 'speed',
      honest: true,
      officer,
      uploader: officer,
      point,
      proof: { kind: 'sun', tap: planner.tap(point, trueMs) },
      trueMs,
      claimedMs: trueMs,
      beaconMs: trueMs - minute,
      fix: planner.fixAt(planner.spotOf(point)),
      device: officer,
      metersAway: 0,
      second: false,
    })
  }
  const keys = makeBenchKeys()
  const city = await buildCity(services.db, planner.plan, keys)
  const checkIns = buildCheckIns(planner.plan, city, keys, Date.now())
  const secrets = { ...keys, tagKeys: new Map([[1, keys.tagKey]]) }
  const env = readEnv(settingsOf(keys, services))
  const officers = new Map(city.officers.map((officer) => [officer.id, officer.token]))

  const open = async () => {
    // The real application, so that both ways have its sessions, its validation and its answers.
    const app = await buildApp({ ...env, logLevel: 'error' })
    const item = Compile(CheckIn)
    const judge = async (checkIn: CheckIn, officerId: number) => {
      const arrival = { checkIn, uploadedBy: officerId, receivedAt: app.clock.now(), clockSpeed: 1 }
      const prepared = prepareScans(secrets, [arrival])
      const work = async (tx: OpenTx, begun: unknown[]) => {
        const [scan] = judgeScans(begun, prepared)
        if (scan?.judgement.verdict !== 'accepted')
          throw new Error('The bench’s check-ins should be accepted.')
        await insertRows(tx, [scan.row])
        return scan
      }
      return inTransaction(app.db, work, {
        begin: `begin; ${prepared.beginning}`,
        prepare: prepareContext,
      })
    }
    const [first] = checkIns.splice(0, 1)
    if (first === undefined) throw new Error('There is nothing to measure.')
    const { row: model } = await judge(first, first.officerId ?? 0)
    const access = { config: { access: ['officer'] as const }, schema: { body: Type.Unknown() } }
    app.post('/bare', access, async (request) => {
      const checkIn = readItem(item, request.body)
      const raw = { ...model, id: checkIn.id, officer_id: officerOf(request).id, raw: checkIn, tag_id: null }
      await inTransaction(app.db, (tx) => insertRows(tx, [raw]))
      return { id: checkIn.id, stored: true }
    })
    app.post('/judged', access, async (request) => {
      const checkIn = readItem(item, request.body)
      const { row } = await judge(checkIn, officerOf(request).id)
      return { id: row.id, stored: true, verdict: row.verdict, fulfils: row.fulfils, reasons: row.reasons }
    })
    await app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = addressOf(app.server.address())
    return {
      close: () => app.close(),
      post: async (way: 'bare' | 'judged', checkIn: CheckIn) => {
        const response = await fetch(`http://127.0.0.1:${port}/${way}`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            cookie: `patrol=${officers.get(checkIn.officerId ?? 0)}`,
            'x-requested-with': 'bench',
          },
          body: JSON.stringify(checkIn),
        })
        if (!response.ok) throw new Error(`${way} answered ${response.status}.`)
        await response.json()
      },
    }
  }
  return { checkIns, open }
}

function readItem(item: { Check(value: unknown): value is CheckIn }, body: unknown): CheckIn {
  if (!item.Check(body)) throw new Error('The bench made what is no check-in.')
  return body
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('The bench does not listen.')
  return address
}

function percentile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b)
  return Math.round((sorted[Math.floor(sorted.length * share)] ?? 0) * 1_000) / 1_000
}
