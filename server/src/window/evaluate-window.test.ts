import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkWindowCase } from '../../test/check-window-case.ts'
import { windowCase } from '../../test/window-cases.ts'
import { evaluateWindow, type Visit } from './evaluate-window.ts'

const window = {
  startsAt: new Date('2026-11-23T14:00:00Z'),
  endsAt: new Date('2026-11-23T16:00:00Z'),
  graceEndsAt: new Date('2026-11-23T16:10:00Z'),
  requiredCount: 1,
}
const at = (time: string) => new Date(`2026-11-23T${time}Z`)
const visit = (checkedIn: string, received = checkedIn): Visit => ({
  id: checkedIn,
  checkedInAt: at(checkedIn),
  receivedAt: at(received),
})
const stateAt = (time: string, ...visits: Visit[]) => evaluateWindow(window, visits, null, at(time)).state

test('ten thousand random plans agree with the oracle', () => {
  fc.assert(fc.property(windowCase, checkWindowCase), { numRuns: 10_000 })
})

test('each span begins on its instant and ends just before the next', () => {
  expect(
    ['13:59:59.999', '14:00:00', '15:59:59.999', '16:00:00', '16:09:59.999', '16:10:00'].map((time) =>
      stateAt(time),
    ),
  ).toEqual(['pending', 'open', 'open', 'grace', 'grace', 'missed'])
})

test('a check-in at the first instant counts, one at the end of grace does not', () => {
  expect(stateAt('14:00:00', visit('14:00:00'))).toBe('fulfilled')
  expect(stateAt('16:00:00', visit('13:59:59.999'))).toBe('grace')
  expect(stateAt('16:10:00', visit('16:09:59.999'))).toBe('fulfilled')
  expect(stateAt('16:10:00', visit('16:10:00'))).toBe('missed')
})

test('a check-in made in time and uploaded after the end of grace corrects', () => {
  expect(stateAt('20:00:00', visit('15:00:00', '19:00:00'))).toBe('corrected')
})

test('a later upload does not take a window that was fulfilled in time', () => {
  const twice = { ...window, requiredCount: 2 }
  const visits = [visit('14:00:00'), visit('15:00:00'), visit('14:30:00', '19:00:00')]
  expect(evaluateWindow(twice, visits, null, at('20:00:00'))).toEqual({
    state: 'fulfilled',
    doneCount: 2,
    nextChangeAt: null,
    checkInId: '15:00:00',
  })
})

test('two reads within ten minutes are one visit', () => {
  const twice = { ...window, requiredCount: 2 }
  const count = (...visits: Visit[]) => evaluateWindow(twice, visits, null, at('15:00:00')).doneCount
  expect(count(visit('14:00:00'), visit('14:09:59.999'))).toBe(1)
  expect(count(visit('14:00:00'), visit('14:10:00'))).toBe(2)
  expect(count(visit('14:00:00'), visit('14:06:00'), visit('14:12:00'))).toBe(2)
})

test('late proof overturns unexcused, but leaves excused and made-up as they were decided', () => {
  const proof = [visit('15:00:00', '19:00:00')]
  const decided = (decision: 'unexcused' | 'excused' | 'made-up') =>
    evaluateWindow(window, proof, decision, at('20:00:00')).state
  expect(decided('unexcused')).toBe('corrected')
  expect(decided('excused')).toBe('excused')
  expect(decided('made-up')).toBe('made-up')
})
