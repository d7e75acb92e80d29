import { expect, test } from 'vitest'
import { isAnswerTo } from './question.ts'

const map = {
  source: 'crime',
  categories: ['竊盜', '搶奪'],
  from: '2026-01-01',
  to: '2026-03-31',
  permutations: 0,
} as const
const asked = { ...map, categories: [...map.categories] }

test('a map answers its own question, in whatever order the categories were chosen', () => {
  expect(isAnswerTo(asked, { ...asked, categories: ['搶奪', '竊盜'] })).toBe(true)
})

test.each([
  ['source', { source: 'traffic' as const }],
  ['categories', { categories: ['竊盜'] }],
  ['first day', { from: '2026-02-01' }],
  ['a day that was taken out', { to: '' }],
  ['permutations', { permutations: 999 }],
])('it answers no other: %s', (_, other) => {
  expect(isAnswerTo(asked, { ...asked, ...other })).toBe(false)
})
