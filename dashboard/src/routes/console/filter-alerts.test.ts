import { expect, test } from 'vitest'
import { modelAlert } from '../../lib/live/model-alert.ts'
import { filterAlerts, isFiltering, noFilter } from './filter-alerts.ts'

const rows = [
  modelAlert({ id: 1, priority: 1, state: 'unack', precinctId: 7 }),
  modelAlert({ id: 2, priority: 2, state: 'unack', precinctId: 7 }),
  modelAlert({ id: 3, priority: 2, state: 'ack', precinctId: 8 }),
  modelAlert({ id: 4, priority: 1, state: 'ack', precinctId: 7 }),
]
const alerts = [
  ...rows,
  modelAlert({ id: 5, priority: 3, state: 'ack', precinctId: null }),
  modelAlert({ id: 6, priority: 1, state: 'rtn-unack', precinctId: 9, parentId: 5 }),
]
const shown = (filter: Partial<typeof noFilter>) =>
  filterAlerts(rows, alerts, { ...noFilter, ...filter }, ({ id }) => `Alert ${id}`).map(({ id }) => id)

test('rows meet every condition', () => {
  expect(shown({})).toEqual([1, 2, 3, 4])
  expect(shown({ priority: '2' })).toEqual([1, 2, 3])
  expect(shown({ priority: '2', precinctId: '8' })).toEqual([1, 3])
  expect(shown({ text: ' alert 3 ' })).toEqual([1, 3])
  expect(isFiltering(noFilter)).toBe(false)
})

test('no filter hides a P1 that nobody has acknowledged', () => {
  expect(shown({ priority: '3', precinctId: '9', text: 'nothing' })).toEqual([1])
})

test('a row is shown for what is within it', () => {
  const parent = alerts.filter(({ id }) => id === 5)
  const kept = (filter: Partial<typeof noFilter>, within: typeof alerts) =>
    filterAlerts(parent, within, { ...noFilter, ...filter }, ({ id }) => `Alert ${id}`).length
  expect(kept({ precinctId: '8' }, alerts)).toBe(1) // holds an unacknowledged P1
  const calm = alerts.map((alert) => (alert.id === 6 ? { ...alert, state: 'ack' as const } : alert))
  expect(kept({ precinctId: '8' }, calm)).toBe(0)
  expect(kept({ precinctId: '9' }, calm)).toBe(1)
})
