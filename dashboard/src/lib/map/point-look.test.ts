import type { Alert, Event } from '@patrol/contract'
import { expect, test } from 'vitest'
import { applyEvent, touchNothing } from '../live/apply-event.ts'
import { openCity } from '../live/city.ts'
import { modelAlert } from '../live/model-alert.ts'
import { createModelCity, createRandom } from '../live/model-city.ts'
import { findOutOfService, lookOf } from './point-look.ts'

const alertEvent = (pos: number, type: 'alert:changed' | 'alert:closed', state: Alert['state']): Event => ({
  pos,
  id: `event-${pos}`,
  type,
  precinctId: 1,
  stationId: null,
  at: '2026-11-23T00:00:00Z',
  data: modelAlert({ kind: 'failing-label', state, subject: { pointId: 100 } }),
})

test('a point is out of service while its alert is, and is drawn again when that begins and ends', () => {
  const city = openCity(createModelCity(createRandom(1), 0).snapshotAt(0))
  const point = city.points.get(100)
  if (!point) throw new Error('no point')
  const look = () => lookOf(point, findOutOfService(city.alerts.values()))
  const before = look()
  const steps = [
    ['alert:changed', 'unack', before],
    ['alert:changed', 'out-of-service', 'out'],
    ['alert:changed', 'unack', before],
    ['alert:changed', 'out-of-service', 'out'],
    ['alert:closed', 'closed', before],
  ] as const
  for (const [nr, [type, state, expected]] of steps.entries()) {
    const touched = touchNothing()
    applyEvent(city, alertEvent(nr + 1, type, state), touched)
    expect([...touched.points]).toEqual([100])
    expect(look()).toBe(expected)
  }
})
