import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { createSharedAnswers } from './shared-answers.ts'

test('whoever asks while an answer is made, or soon after, shares it', async () => {
  const answers = createSharedAnswers(60_000)
  let built = 0
  const ask = (key: string) => answers.of(key, async () => ({ key, nr: ++built }))
  const [one, other] = await Promise.all([ask('city'), ask('city')])
  const third = await ask('city')
  expect([other, third]).toEqual([one, one])
  expect(JSON.parse((await ask('p1')).text)).toEqual({ key: 'p1', nr: 2 })
  expect(await third.gzipped()).toBe(await one.gzipped())
  expect(gunzipSync(await one.gzipped()).toString()).toBe(one.text)
})

test('an answer is made anew when its time is over, or when it failed', async () => {
  const answers = createSharedAnswers(-1)
  let built = 0
  const ask = () => answers.of('city', async () => ++built)
  expect([(await ask()).text, (await ask()).text]).toEqual(['1', '2'])
  await expect(answers.of('p1', () => Promise.reject(new Error('away')))).rejects.toThrow('away')
  expect((await answers.of('p1', async () => 'back')).text).toBe('"back"')
})
