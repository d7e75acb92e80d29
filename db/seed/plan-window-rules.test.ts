import { expect, test } from 'vitest'
import { planWindowRules } from './plan-window-rules.ts'

const points = Array.from({ length: 7_791 }, (_, i) => ({
  id: i + 1,
  code: `T${String(i + 1).padStart(5, '0')}`,
  priority: i % 10 === 0 ? 1 : i % 5 === 1 ? 3 : 2,
}))
const rules = points.flatMap(planWindowRules)

test('about 6,100 windows on each day of the week', () => {
  for (let day = 0; day < 7; day++) {
    const due = rules.filter(({ weekdays }) => ((weekdays >> day) & 1) === 1).length
    expect(due).toBeGreaterThan(5_800)
    expect(due).toBeLessThan(6_400)
  }
})

test('every window lies within one duty band of the day', () => {
  const inside = rules.every(({ startMinute: start, durationMinutes }) => {
    const end = start + durationMinutes
    return end <= 360 || (start >= 360 && end <= 1_080) || (start >= 1_080 && end <= 1_440)
  })
  expect(inside).toBe(true)
})

test('a high-risk point is due three times every day, the others once on four or three days a week', () => {
  const daysOf = (weekdays: number) => weekdays.toString(2).replaceAll('0', '').length
  const counts = points.map((point) => {
    const planned = planWindowRules(point)
    return `${point.priority}: ${planned.length} on ${planned.map(({ weekdays }) => daysOf(weekdays)).join('/')}`
  })
  expect([...new Set(counts)].sort()).toEqual(['1: 3 on 7/7/7', '2: 1 on 4', '3: 1 on 3'])
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
