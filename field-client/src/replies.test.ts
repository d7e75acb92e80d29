import 'fake-indexeddb/auto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Visit } from '@patrol/contract'
import { addReply, drainReplies, listReplies, wipeReplies, type Reply, type SentReplies } from './replies.ts'
import { openStore, type Store } from './store.ts'

let store: Store
let databases = 0
beforeEach(async () => {
  store = await openStore(`replies-${++databases}`)
})
afterEach(() => store.close())

const feedback = (id: string): Reply => ({
  id,
  kind: 'feedback',
  item: { id, occasionId: 'o', kind: 'notice', refId: 1, answer: 'useful', givenAt: '2026-11-27T00:00:00Z' },
})
const visit = (id: string, finished: Visit['finished'] = null): Reply => ({
  id,
  kind: 'visit',
  item: { id, contactId: 'c', startedAt: '2026-11-27T00:00:00Z', finished },
})
const over = { at: '2026-11-27T00:10:00Z', outcome: 'met' as const }
const states = async () => (await listReplies(store)).map(({ id, state }) => `${id} ${state}`)
const storeAll = (ids: string[]): SentReplies => ({
  kind: 'answered',
  results: ids.map((id) => ({ id, stored: true as const })),
})

test('what is stored is sent once; what the server has no place for is shown as refused and blocks nothing', async () => {
  for (const id of ['a', 'b', 'c']) await addReply(store, feedback(id), 1)
  const sent: string[] = []
  await drainReplies(store, async (_kind, items) => {
    sent.push(...items.map(({ id }) => id))
    return {
      kind: 'answered',
      results: [
        { id: 'a', stored: true },
        { id: 'b', refused: true, field: '/', message: 'no' },
        { id: 'c', stored: true },
      ],
    }
  })
  expect(sent).toEqual(['a', 'b', 'c'])
  expect(await states()).toEqual(['a sent', 'b refused', 'c sent'])
  expect(await drainReplies(store, () => Promise.reject(new Error('nothing is left')))).toEqual({
    settled: 0,
    stopped: null,
  })
})

test('without a connection everything stays', async () => {
  await addReply(store, feedback('a'), 1)
  const ended = await drainReplies(store, async () => ({
    kind: 'unreachable',
    offline: true,
    retryAfterSeconds: null,
  }))
  expect(ended).toMatchObject({ settled: 0, stopped: { offline: true } })
  expect(await states()).toEqual(['a waiting'])
})

test('a visit that ends while its start is on its way goes again', async () => {
  await addReply(store, visit('v'), 1)
  const sent: Reply['item'][] = []
  await drainReplies(store, async (_kind, items) => {
    if (sent.length === 0) await addReply(store, visit('v', over), 2)
    sent.push(...items)
    return storeAll(['v'])
  })
  expect(sent).toMatchObject([{ finished: null }, { finished: over }])
  expect(await states()).toEqual(['v sent'])
})

test('a log-out forgets what was sent and keeps what waits', async () => {
  await addReply(store, feedback('a'), 1)
  await drainReplies(store, async () => storeAll(['a']))
  await addReply(store, feedback('b'), 2)
  await wipeReplies(store)
  expect(await states()).toEqual(['b waiting'])
})
