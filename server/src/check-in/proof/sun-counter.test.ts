import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeSunCounter, type TagTap } from './sun-counter.ts'

function tapAt(counter: number, clock: string | null, timeTrusted = true): TagTap {
  const claimedAt = clock === null ? null : new Date(`2026-11-22T${clock}+08:00`)
  return { checkInId: `${counter}@${clock}`, counter, claimedAt, timeTrusted }
}

const reasonsOf = (tap: TagTap, others: TagTap[]) => judgeSunCounter(tap, others).reasons

describe('judgeSunCounter', () => {
  it('finds nothing in the first tap, however high its counter', () => {
    expect(reasonsOf(tapAt(4_000, '09:00:00'), [])).toEqual([])
  })

  it('rejects a counter that another check-in has used, and names it', () => {
    const first = tapAt(3, '09:00:00')
    expect(judgeSunCounter(tapAt(3, '10:00:00'), [first, tapAt(5, '09:30:00')])).toEqual({
      reasons: ['counter-reused'],
      conflictsWith: [first.checkInId],
      betrays: [],
    })
  })

  it('takes the same check-in sent again for a repeat', () => {
    const tap = tapAt(3, '09:00:00')
    expect(reasonsOf(tap, [tap])).toEqual([])
  })

  it('only notes a late upload whose time fits between its neighbours', () => {
    const stored = [tapAt(10, '09:00:00'), tapAt(14, '11:00:00')]
    expect(reasonsOf(tapAt(12, '10:00:00'), stored)).toEqual(['late-counter'])
  })

  it('flags harvested taps once another officer has tapped in between', () => {
    const honest = tapAt(13, '09:00:00')
    expect(judgeSunCounter(tapAt(12, '14:00:00'), [honest])).toEqual({
      reasons: ['late-counter', 'counter-time-order'],
      conflictsWith: [honest.checkInId],
      betrays: [],
    })
  })

  it('names the harvested tap that came first, and leaves the honest one alone', () => {
    const harvested = tapAt(12, '14:00:00')
    expect(judgeSunCounter({ ...tapAt(13, '09:00:00'), clockProven: true }, [harvested])).toEqual({
      reasons: [],
      conflictsWith: [harvested.checkInId],
      betrays: [harvested.checkInId],
    })
  })

  it('does not let the nearest harvested tap vouch for the next one', () => {
    const stored = [tapAt(12, '14:00:00', false), tapAt(13, '09:00:00')]
    expect(reasonsOf(tapAt(11, '13:00:00'), stored)).toContain('counter-time-order')
  })

  it('does not let a harvested tap cast doubt on an honest one', () => {
    expect(reasonsOf(tapAt(14, '10:00:00'), [tapAt(12, '14:00:00', false)])).toEqual([])
  })

  it('flags a turned-back clock: a higher counter with an earlier time', () => {
    expect(reasonsOf(tapAt(20, '08:00:00'), [tapAt(19, '09:00:00')])).toEqual(['counter-time-order'])
  })

  it('allows two clocks to differ by 120 s and no more', () => {
    const stored = [tapAt(19, '09:02:00')]
    expect(reasonsOf(tapAt(20, '09:00:00'), stored)).toEqual([])
    expect(reasonsOf(tapAt(20, '08:59:59'), stored)).toEqual(['counter-time-order'])
  })

  it('flags a jump past the allowance', () => {
    expect(reasonsOf(tapAt(111, '10:00:00'), [tapAt(10, '09:00:00')])).toEqual([])
    expect(reasonsOf(tapAt(112, '10:00:00'), [tapAt(10, '09:00:00')])).toEqual(['counter-jump'])
  })

  it('judges order by counter alone where no time was claimed', () => {
    expect(reasonsOf(tapAt(12, null), [tapAt(13, '09:00:00')])).toEqual(['late-counter'])
  })

  it('never flags the time order of honest taps, in whatever order they arrive', () => {
    const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 1_000 }), { minLength: 2, maxLength: 12 })
    fc.assert(
      fc.property(minutes, fc.infiniteStream(fc.nat()), (times, order) => {
        const taps = times
          .toSorted((a, b) => a - b)
          .map((minute, i): TagTap => {
            const claimedAt = new Date(minute * 60_000)
            return { checkInId: String(i), counter: i + 1, claimedAt, timeTrusted: true }
          })
        const arriving = taps.map((tap) => ({ tap, rank: order.next().value ?? 0 }))
        arriving.sort((a, b) => a.rank - b.rank)
        arriving.forEach(({ tap }, i) => {
          const earlier = arriving.slice(0, i).map((other) => other.tap)
          expect(reasonsOf(tap, earlier).filter((reason) => reason !== 'late-counter')).toEqual([])
        })
      }),
    )
  })
})
