import 'fake-indexeddb/auto'
import { beforeEach, expect, test } from 'vitest'
import { addBreadcrumb, forgetBreadcrumbs, takeBatch } from './breadcrumbs.ts'
import { makeBreadcrumb } from './position.ts'
import { openStore, type Store } from './store.ts'

let store: Store
beforeEach(async () => (store = await openStore(crypto.randomUUID())))

const measured = { lon: 120.2, lat: 23, accuracyMeters: 9, speedMps: null, headingDegrees: null, deviceMs: 0 }
const at = (n: number) => Date.parse('2026-11-23T06:00:00Z') + n * 3_000

async function add(officerId: number, from: number, to: number) {
  for (let n = from; n < to; n++) await addBreadcrumb(store, officerId, makeBreadcrumb(measured, at(n)))
}

test('a batch ends with the sequence number of its last item, and the next one goes on from there', async () => {
  await add(7, 0, 250)
  const first = await takeBatch(store, 7, 0)
  expect([first?.seq, first?.breadcrumbs.length]).toEqual([200, 200])
  const second = await takeBatch(store, 7, 200)
  expect([second?.seq, second?.breadcrumbs.length]).toEqual([250, 50])
  expect(await takeBatch(store, 7, 250)).toBeNull()
})

test('what was not acknowledged is sent again with the same number', async () => {
  await add(7, 0, 5)
  await forgetBreadcrumbs(store, 7, 3)
  expect(await takeBatch(store, 7, 0)).toMatchObject({ seq: 5, breadcrumbs: [{}, {}] })
  await add(7, 5, 6)
  expect(await takeBatch(store, 7, 0)).toMatchObject({ seq: 6 })
})

test('another officer’s on a shared handheld are neither sent nor deleted', async () => {
  await add(7, 0, 2)
  await add(8, 2, 4)
  await add(7, 4, 6)
  const first = await takeBatch(store, 7, 0)
  expect([first?.seq, first?.breadcrumbs.length]).toEqual([2, 2])
  const second = await takeBatch(store, 7, 2)
  expect([second?.seq, second?.breadcrumbs.length]).toEqual([6, 2])
  await forgetBreadcrumbs(store, 7, 6)
  expect(await takeBatch(store, 7, 0)).toBeNull()
  const others = [2, 3].map((n) => ({ recordedAt: new Date(at(n)).toISOString() }))
  expect(await takeBatch(store, 8, 0)).toMatchObject({ breadcrumbs: others })
})
