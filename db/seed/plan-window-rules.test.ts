import { expect, test } from 'vitest'
import { planWindowRules } from './plan-window-rules.ts'

const points = Array.from({ length: 7_791 }, (_, i) => ({
  id: i + 1,
  code: `T${String(i + 1).padStart(5, '0')}`,
  priority: i % 10 === 0 ? 1 : 2,
}))
const rules = points.flatMap(planWindowRules)

test('about 12,000 windows a day', () => {
  expect(rules.length).toBeGreaterThan(11_500)
  expect(rules.length).toBeLessThan(12_500)
})

test('every window lies within one duty band of the day', () => {
  const inside = rules.every(({ startMinute: start, durationMinutes }) => {
    const end = start + durationMinutes
    return end <= 360 || (start >= 360 && end <= 1_080) || (start >= 1_080 && end <= 1_440)
  })
  expect(inside).toBe(true)
})

test('a high-risk point is due three times a day, the others once or twice', () => {
  const counts = points.map((point) => planWindowRules(point).length)
  expect(points.every((point, i) => (point.priority === 1) === (counts[i] === 3))).toBe(true)
})

test('one visit never does for two windows', () => {
  const overlapping = points.filter((point) => {
    const windows = planWindowRules(point).sort((a, b) => a.startMinute - b.startMinute)
    return windows.some(({ startMinute }, i) => {
      const before = windows[i - 1]
      return before !== undefined && startMinute < before.startMinute + before.durationMinutes
    })
  })
  expect(overlapping).toEqual([])
})
