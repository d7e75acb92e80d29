import { expect, test } from 'vitest'
import { ClusterGrid } from './cluster-grid.ts'
import { createRandom } from '../live/model-city.ts'
import type { PointLook } from './point-look.ts'

test('changed point by point, a grid counts the same as one counted anew', () => {
  const random = createRandom(3)
  const looks: PointLook[] = ['idle', 'due', 'done', 'late', 'missed']
  const places = Array.from({ length: 200 }, () => ({ x: random() * 1_000, y: random() * 1_000 }))
  const last = places.map((): PointLook => 'idle')
  const grid = new ClusterGrid(250)
  for (const [id, { x, y }] of places.entries()) grid.put(id, x, y, 'idle')
  for (let i = 0; i < 2_000; i++) {
    const id = Math.floor(random() * 200)
    const look = looks[Math.floor(random() * looks.length)] ?? 'idle'
    grid.put(id, places[id]?.x ?? 0, places[id]?.y ?? 0, look)
    last[id] = look
  }
  const anew = new ClusterGrid(250)
  for (const [id, { x, y }] of places.entries()) anew.put(id, x, y, last[id] ?? 'idle')
  expect(new Map([...grid.cells].sort())).toEqual(new Map([...anew.cells].sort()))
})

test('a point that looks as before changes no cell', () => {
  const grid = new ClusterGrid(100)
  expect(grid.put(1, 0, 0, 'due')).not.toBeNull()
  expect(grid.put(1, 0, 0, 'due')).toBeNull()
  expect(grid.put(1, 0, 0, 'late')).toMatchObject({ count: 1, late: 1, due: 0 })
})
