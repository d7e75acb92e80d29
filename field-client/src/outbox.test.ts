import 'fake-indexeddb/auto'
import type { CheckIn, CheckInReceipt } from '@patrol/contract'
import { beforeEach, describe, expect, test } from 'vitest'
import { makeCheckIn } from './check-in.ts'
import { addToOutbox, countOutbox, drainOutbox, findCheckIn, listOutbox, type Sent } from './outbox.ts'
import { openStore, type Store } from './store.ts'
import { makeUuidV7 } from './uuid-v7.ts'

let store: Store
let name: string
const now = Date.parse('2026-11-23T06:00:00Z')

beforeEach(async () => {
  name = crypto.randomUUID()
  store = await openStore(name)
})

function checkIn(officerId = 7, at = now): CheckIn {
  const moment = { deviceMs: at, monotonicMs: 5_000, mark: null, beacon: null, measured: null, officerId }
  return makeCheckIn(makeUuidV7(at), { kind: 'qr', code: '1ABCDEFGHJKMNPQRSTVWXYZ0123' }, moment)
}

function receiptOf({ id, checkedInAt }: CheckIn): CheckInReceipt {
  return {
    id,
    stored: true,
    verdict: 'accepted',
    fulfils: 'yes',
    reasons: [],
    point: null,
    checkedInAt,
    receivedAt: checkedInAt,
    repeated: false,
  }
}

const storeAll = async (checkIns: CheckIn[]): Promise<Sent> => ({
  kind: 'answered',
  results: checkIns.map(receiptOf),
})

async function addMany(count: number): Promise<string[]> {
  const made = Array.from({ length: count }, () => checkIn())
  for (const one of made) await addToOutbox(store, one, now)
  return made.map(({ id }) => id)
}

describe('saving', () => {
  test('a check-in is in the database when addToOutbox returns, and there after the app was killed', async () => {
    const made = checkIn()
    await addToOutbox(store, made, now)
    store.close()
    const reopened = await openStore(name)
    expect((await listOutbox(reopened, 10)).map((entry) => entry.checkIn)).toEqual([made])
  })

  test('the same id twice is one check-in, also after it was uploaded', async () => {
    const made = checkIn()
    await addToOutbox(store, made, now)
    await addToOutbox(store, made, now)
    expect(await countOutbox(store)).toBe(1)
    await drainOutbox(store, storeAll)
    await addToOutbox(store, made, now)
    expect(await countOutbox(store)).toBe(0)
  })

  test('the officer, the time and the proof are of the scan, whoever is logged in at the upload', async () => {
    const made = checkIn(41)
    await addToOutbox(store, made, now)
    const sent: CheckIn[] = []
    await drainOutbox(store, (checkIns) => {
      sent.push(...checkIns)
      return storeAll(checkIns)
    })
    expect(sent).toEqual([made])
    expect(sent[0]?.officerId).toBe(41)
  })
})

describe('uploading', () => {
  test('goes oldest first in batches of 50, also when the clock of the phone was turned back in between', async () => {
    const ids: string[] = []
    for (let n = 0; n < 120; n++) {
      const made = checkIn(7, now - n * 60_000)
      ids.push(made.id)
      await addToOutbox(store, made, now)
    }
    const batches: string[][] = []
    const result = await drainOutbox(store, (checkIns) => {
      batches.push(checkIns.map(({ id }) => id))
      return storeAll(checkIns)
    })
    expect(batches.map((batch) => batch.length)).toEqual([50, 50, 20])
    expect(batches.flat()).toEqual(ids)
    expect(result.ended).toBe('empty')
    expect(await countOutbox(store)).toBe(0)
  })

  test('an app killed between sending and the answer sends the same id again, and then it is done', async () => {
    const [id = ''] = await addMany(1)
    const killed = drainOutbox(store, () => Promise.reject(new Error('the app was killed')))
    await expect(killed).rejects.toThrow('killed')
    expect((await findCheckIn(store, id))?.state).toBe('waiting')
    await drainOutbox(store, storeAll)
    expect((await findCheckIn(store, id))?.state).toBe('stored')
  })

  test('without network nothing leaves', async () => {
    const ids = await addMany(3)
    const unreachable = { kind: 'unreachable', offline: false, retryAfterSeconds: 9 } as const
    const result = await drainOutbox(store, async () => unreachable)
    expect(result).toEqual({ ended: 'unreachable', offline: false, retryAfterSeconds: 9 })
    expect((await listOutbox(store, 10)).map(({ id }) => id)).toEqual(ids)
  })

  test('after a log-out nothing leaves, and it is asked for a log-in', async () => {
    await addMany(3)
    expect((await drainOutbox(store, async () => ({ kind: 'logged-out' }))).ended).toBe('logged-out')
    expect(await countOutbox(store)).toBe(3)
  })

  test('a quarantined one goes to the held items with its reason, and blocks nothing', async () => {
    const ids = await addMany(3)
    const answer = { quarantined: true, field: '/position/lon', message: 'too far east' } as const
    await drainOutbox(store, async (checkIns) => ({
      kind: 'answered',
      results: checkIns.map((one, place) => (place === 1 ? { id: one.id, ...answer } : receiptOf(one))),
    }))
    expect(await countOutbox(store)).toBe(0)
    const held = await findCheckIn(store, ids[1] ?? '')
    expect(held).toMatchObject({ state: 'held', item: { field: '/position/lon', message: 'too far east' } })
    expect(await store.count('history')).toBe(2)
  })

  test('one whose very id the server could not read is found by its place', async () => {
    await addMany(2)
    const answer = { id: null, quarantined: true, field: '/id', message: 'no uuid' } as const
    await drainOutbox(store, async ([first]) => ({
      kind: 'answered',
      results: first ? [receiptOf(first), answer] : [],
    }))
    expect([await countOutbox(store), await store.count('held')]).toEqual([0, 1])
  })

  test('an item without an answer stays, though the request succeeded', async () => {
    const ids = await addMany(3)
    const sendFirst = async ([first]: CheckIn[]): Promise<Sent> => ({
      kind: 'answered',
      results: first && first.id === ids[0] ? [receiptOf(first)] : [],
    })
    expect((await drainOutbox(store, sendFirst)).ended).toBe('refused')
    const left = await listOutbox(store, 10)
    expect(left.map(({ id }) => id)).toEqual(ids.slice(1))
    expect(left.every(({ problem }) => problem !== null)).toBe(true)
  })

  test('of another officer’s check-ins nothing stays on a shared handheld once they are uploaded', async () => {
    await addToOutbox(store, checkIn(41), now)
    const own = checkIn(7)
    await addToOutbox(store, own, now)
    await drainOutbox(store, storeAll, undefined, ({ officerId }) => officerId === 7)
    expect(await countOutbox(store)).toBe(0)
    expect((await store.getAll('history')).map(({ id }) => id)).toEqual([own.id])
  })

  test('answers for foreign ids change nothing', async () => {
    await addMany(2)
    const foreign = async (): Promise<Sent> => ({
      kind: 'answered',
      results: [receiptOf(checkIn()), receiptOf(checkIn())],
    })
    await drainOutbox(store, foreign)
    expect([await countOutbox(store), await store.count('history')]).toEqual([2, 0])
  })

  test('one that makes the server refuse the whole batch stays with its reason; all others get through', async () => {
    const ids = await addMany(130)
    const bad = ids[77] ?? ''
    const requests: number[] = []
    const result = await drainOutbox(store, async (checkIns) => {
      requests.push(checkIns.length)
      if (checkIns.some(({ id }) => id === bad)) return { kind: 'refused', message: 'cannot read' }
      return storeAll(checkIns)
    })
    expect(result.ended).toBe('refused')
    expect((await listOutbox(store, 10)).map(({ id, problem }) => [id, problem])).toEqual([
      [bad, 'cannot read'],
    ])
    expect(await store.count('history')).toBe(129)
    // Found by halving, not by sending each one alone.
    expect(requests.length).toBeLessThan(20)
  })

  test('one scanned during the upload goes with the next batch', async () => {
    await addMany(50)
    const late = checkIn()
    const sent: string[] = []
    await drainOutbox(store, async (checkIns) => {
      if (sent.length === 0) await addToOutbox(store, late, now)
      sent.push(...checkIns.map(({ id }) => id))
      return storeAll(checkIns)
    })
    expect(sent.at(-1)).toBe(late.id)
    expect(await countOutbox(store)).toBe(0)
  })

  test('holds 5,000 and empties; the list of the day keeps the newest 200', async () => {
    const change = store.transaction('outbox', 'readwrite')
    for (let n = 0; n < 5_000; n++) {
      const made = checkIn()
      void change.store.add({ id: made.id, checkIn: made, addedAt: now + n, problem: null })
    }
    await change.done
    await drainOutbox(store, storeAll)
    expect(await countOutbox(store)).toBe(0)
    const history = await store.getAllFromIndex('history', 'addedAt')
    expect([history.length, history[0]?.addedAt]).toEqual([200, now + 4_800])
  }, 30_000)
})
