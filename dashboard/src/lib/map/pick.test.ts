import { fromLonLat } from 'ol/proj.js'
import { expect, test } from 'vitest'
import { openCity } from '../live/city.ts'
import { createModelCity, createRandom } from '../live/model-city.ts'
import { nameSelection, pickAll, type Selection } from './pick.ts'

const city = openCity(createModelCity(createRandom(1), 40).snapshotAt(40))
const everything = new Set<Selection['kind']>(['incident', 'unit', 'point'])

test('what lies in a heap is all found, each once, the nearest first, and nothing of a hidden kind', () => {
  // Half a kilometre from one to the next.
  for (const [nr, one] of [...city.points.values()].entries())
    city.points.set(one.id, { ...one, lon: 120 + nr * 0.005, lat: 23 })
  const [point, other] = [...city.points.values()]
  if (!point || !other) throw new Error('The model city has no points.')
  city.points.set(other.id, { ...other, lon: point.lon, lat: point.lat + 0.000_01 })
  const place = fromLonLat([point.lon, point.lat])
  const names = pickAll(city, place, 5, everything).map(nameSelection)
  expect(names.slice(0, 2)).toEqual([`point:${point.id}`, `point:${other.id}`])
  expect(new Set(names).size).toBe(names.length)
  expect(pickAll(city, place, 0.5, everything).map(nameSelection)).toEqual([`point:${point.id}`])
  expect(pickAll(city, place, 5, new Set<Selection['kind']>(['unit']))).toEqual([])
})
