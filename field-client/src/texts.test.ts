import { expect, test } from 'vitest'
import { reasonTexts } from './texts/reasons.ts'
import { texts } from './texts.ts'

test('English has nothing in it that the Chinese font draws as wide as a character', () => {
  expect(Object.keys(texts.en).length).toBeGreaterThan(100)
  for (const text of [...Object.values(texts.en), ...Object.values(reasonTexts.en).flat()])
    expect(text).not.toMatch(/\p{Script=Han}|[‘’“”、，。：；（）「」]/u)
})
