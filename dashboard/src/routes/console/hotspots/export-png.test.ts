import { expect, test } from 'vitest'
import { fold } from './export-png.ts'

/** A Chinese character is two letters wide. */
const measure = (text: string) => [...text].reduce((sum, letter) => sum + (letter > '\u2e80' ? 2 : 1), 0)

test('a caption is broken to the width of its picture, and loses nothing', () => {
  const text = '最新一筆案件：民國115年11月28日　報案不等於全部犯罪 reports are not all crime'
  const lines = fold(text, 20, measure)
  expect(lines.every((line) => measure(line) <= 20)).toBe(true)
  expect(lines.join('').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''))
  expect(fold('short', 20, measure)).toEqual(['short'])
})
