import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createTurns } from './turns.ts'

function workFor(ms: number) {
  const until = performance.now() + ms
  while (performance.now() < until);
}

test('long work is spread over turns, in the order it came', async () => {
  const inTurn = createTurns(5)
  const done: number[] = []
  const all = Promise.all(Array.from({ length: 20 }, (_, nr) => inTurn(() => (workFor(3), done.push(nr)))))
  const perTurn: number[] = []
  while (done.length < 20) {
    const before = done.length
    await nextTurn()
    perTurn.push(done.length - before)
  }
  await all
  expect(done).toEqual(Array.from({ length: 20 }, (_, nr) => nr))
  // Two of 3 ms fill a turn of 5 ms; the second is begun in time.
  expect(Math.max(...perTurn)).toBeLessThanOrEqual(2)
})

test('who comes when nobody waits is served, and a failure is its own only', async () => {
  const inTurn = createTurns(5)
  expect(await inTurn(() => 1)).toBe(1)
  const [failed, fine] = await Promise.allSettled([
    inTurn(() => {
      throw new Error('unreadable')
    }),
    inTurn(() => 2),
  ])
  expect(failed).toMatchObject({ status: 'rejected', reason: new Error('unreadable') })
  expect(fine).toEqual({ status: 'fulfilled', value: 2 })
})
