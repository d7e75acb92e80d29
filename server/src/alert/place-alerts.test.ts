import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluateParent } from './evaluate-parent.ts'
import { groupOf, placeAlerts, rowsAlone, type Placeable } from './place-alerts.ts'

const now = 1_000_000

const alertOf = (id: number, given: Partial<Placeable> = {}): Placeable => ({
  id,
  kind: 'forged-tag',
  priority: 2,
  precinctId: 1,
  at: now,
  parentId: null,
  parentKey: null,
  isOpen: true,
  ...given,
})

/** All rows after placing, with their parents as they are then. */
function settle(fresh: readonly Placeable[], known: readonly Placeable[] = [], time = now): Placeable[] {
  const { parents, moved } = placeAlerts(fresh, known, time)
  // As the database would: parents get ids of their own.
  const real = (id: number) => (id < 0 ? 100_000 + known.length - id : id)
  return [...known, ...fresh, ...parents].map((row) => {
    const parent = moved.get(row.id) ?? row.parentId
    return { ...row, id: real(row.id), parentId: parent === null ? null : real(parent) }
  })
}

/** The rows that a screen shows: of the whole city, or of one precinct. */
function rowsOf(rows: readonly Placeable[], precinctId: number | null): Placeable[] {
  const seen = rows.filter((row) => precinctId === null || row.precinctId === precinctId)
  const ids = new Set(seen.map(({ id }) => id))
  return seen.filter(({ parentId }) => parentId === null || !ids.has(parentId))
}

describe('placing alerts', () => {
  test('four of a kind in a precinct stand alone, the fifth makes them one row', () => {
    const four = settle([1, 2, 3, 4].map((id) => alertOf(id)))
    expect(rowsOf(four, 1)).toHaveLength(4)
    const five = settle([alertOf(5)], four)
    expect(rowsOf(five, 1)).toMatchObject([{ kind: 'forged-tag', parentKey: 'group:forged-tag:1' }])
    expect(five.filter(({ parentId }) => parentId !== null)).toHaveLength(groupOf)
  })

  test('five of a kind in five precincts, or within an hour, are five rows', () => {
    expect(rowsOf(settle([1, 2, 3, 4, 5].map((id) => alertOf(id, { precinctId: id }))), null)).toHaveLength(5)
    const slow = [1, 2, 3, 4, 5].map((id) => alertOf(id, { at: now - id * 660_000 }))
    expect(rowsOf(settle([alertOf(6)], slow), 1)).toHaveLength(6)
  })

  test('a cry for help never stands behind a row of another kind', () => {
    const many = Array.from({ length: 200 }, (_, id) => alertOf(id + 1, { kind: `kind-${id % 40}` }))
    const rows = settle([alertOf(999, { kind: 'sos', priority: 1 })], settle(many))
    const sos = rows.find(({ id }) => id === 999)
    const parent = rows.find(({ id }) => id === sos?.parentId)
    expect([undefined, 'flood-sos']).toContain(parent?.kind)
  })

  test('a flood of 500 in a minute, of any kinds anywhere, is at most ten rows on every screen, and none is lost', () => {
    const one = fc.record({
      kind: fc.constantFrom('sos', 'replayed-tag', 'forged-tag', 'impossible-travel', 'gps-off', 'off-area'),
      precinctId: fc.option(fc.integer({ min: 1, max: 16 }), { nil: null }),
      second: fc.integer({ min: 0, max: 59 }),
    })
    fc.assert(
      fc.property(fc.array(one, { minLength: 500, maxLength: 500 }), (causes) => {
        let rows: Placeable[] = []
        for (let second = 0; second < 60; second++) {
          const fresh = causes.flatMap(({ kind, precinctId, second: at }, i) =>
            at === second
              ? [
                  alertOf(i + 1, {
                    kind,
                    precinctId,
                    priority: kind === 'sos' || kind === 'replayed-tag' ? 1 : 2,
                    at: now + second * 1_000,
                  }),
                ]
              : [],
          )
          rows = settle(fresh, rows, now + second * 1_000)
        }
        for (const precinctId of [null, ...Array.from({ length: 16 }, (_, i) => i + 1)]) {
          expect(rowsOf(rows, precinctId).length).toBeLessThanOrEqual(rowsAlone + 3)
        }
        // Each is there, once, and leads up to a row that is shown.
        expect(rows.filter(({ parentKey }) => parentKey === null)).toHaveLength(500)
        const byId = new Map(rows.map((row) => [row.id, row]))
        const shown = new Set(rowsOf(rows, null).map(({ id }) => id))
        expect(byId.size).toBe(rows.length)
        for (const row of rows) {
          let top = row
          for (let depth = 0; top.parentId !== null; depth++) {
            expect(depth).toBeLessThan(4)
            top = byId.get(top.parentId) ?? top
          }
          expect(shown.has(top.id)).toBe(true)
        }
      }),
      { numRuns: 10 },
    )
  })
})

test('a parent asks while a child does, but after an answer not sooner than ten minutes for what is not urgent', () => {
  const child = { state: 'unack', priority: 2, count: 1, acknowledgedAt: null, acknowledgedBy: null } as const
  const done = { ...child, state: 'ack', acknowledgedAt: 5, acknowledgedBy: 7 } as const
  const none = { acknowledgedAt: null, acknowledgedBy: null }
  expect(evaluateParent(none, [child, done], 10)).toMatchObject({ state: 'unack', count: 2, priority: 2 })
  expect(evaluateParent(none, [done], 10)).toMatchObject({ state: 'ack', acknowledgedBy: 7 })
  expect(evaluateParent(none, [], 10).state).toBe('closed')
  const answered = { acknowledgedAt: 5, acknowledgedBy: 7 }
  expect(evaluateParent(answered, [child, done], 10)).toMatchObject({ state: 'ack', nextChangeAt: 600_005 })
  expect(evaluateParent(answered, [child, done], 600_005).state).toBe('unack')
  expect(evaluateParent(answered, [{ ...child, priority: 1 }], 10).state).toBe('unack')
})
