import type { CheckInSummary } from '@patrol/contract'
import { expect, test } from 'vitest'
import { mergeCheckIns } from './merge-check-ins.ts'

const row = (
  id: string,
  minute: number,
  verdict: CheckInSummary['verdict'] = 'accepted',
): CheckInSummary => ({
  id,
  pointId: 1,
  pointName: '巡邏點',
  unitId: null,
  callSign: null,
  precinctId: 1,
  stationId: null,
  act: 'check-in',
  role: 'patrol',
  proofKind: 'qr',
  verdict,
  fulfils: 'yes',
  reasons: [],
  checkedInAt: '2026-11-23T00:00:00Z',
  receivedAt: new Date(Date.UTC(2026, 10, 23, 0, minute)).toISOString(),
})

test('lists are joined by id, newest arrival first, as told last', () => {
  const merged = mergeCheckIns([row('b', 2), row('a', 1)], [row('c', 3), row('a', 1, 'needs-review')], 2)
  expect(merged.map(({ id, verdict }) => [id, verdict])).toEqual([
    ['c', 'accepted'],
    ['b', 'accepted'],
  ])
  expect(mergeCheckIns([row('a', 1)], [row('a', 1, 'needs-review')], 9)[0]?.verdict).toBe('needs-review')
})
