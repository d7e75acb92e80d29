import { expect, test } from 'vitest'
import { classify } from '../../../lib/map/heat-classes.ts'
import { classifyChange, classifyHour, classifyWeek, expectHours, findHotHours } from './classes.ts'

test('classes rise with the counts, and equal counts never share an edge', () => {
  const classes = classify([3, 3, 3, 3, 4, 4, 5, 8, 20, 60])
  expect(classes.of(3)).toBe(0)
  expect(classes.of(1_000)).toBe(6)
  expect(new Set(classes.edges).size).toBe(6)
  expect(classify([]).of(5)).toBeGreaterThan(0)
})

test('a change within chance is class 0, and one of three spreads class 3', () => {
  expect(classifyChange(10, 12)).toBe(0)
  expect(classifyChange(10, 30)).toBe(3)
  expect(classifyChange(30, 10)).toBe(-3)
  expect(classifyChange(0, 0)).toBe(0)
})

test('hot hours are told as stretches, hottest first', () => {
  const week = Array.from({ length: 168 }, (_, hour) =>
    hour === 22 || hour === 23 ? 'f' : hour === 50 ? 'e' : '1',
  ).join('')
  expect(findHotHours(expectHours(week))).toEqual([
    { weekday: 0, from: 22, to: 24 },
    { weekday: 2, from: 2, to: 3 },
  ])
})

test('beside others an hour of the hottest place is of the highest class, and its own week still shows its quiet hours', () => {
  const week = 'd'.repeat(84) + 'h'.repeat(84)
  expect(classifyHour(week, 0)).toBe(6)
  expect([0, 1, 2, 3, 11].map((step) => classifyHour(step.toString(36), 0))).toEqual([0, 1, 1, 2, 6])
  const own = classifyWeek(expectHours(week))
  expect(own[0]).toBe(0)
  expect(own[167]).toBe(4)
})
