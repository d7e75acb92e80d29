import { SharedArray } from 'k6/data'
import type { K6City } from './k6-city.ts'

/** The file that `node loadtest/node/serve-k6-city.ts` writes: where the server is, and who may do what there. */
const file = __ENV['CITY'] ?? './city.json'

/** Shared by all virtual users, since each has its own copy of everything else. */
const shared = new SharedArray('city', () => {
  const city: K6City = JSON.parse(open(file))
  return [city]
})

export function readCity(): K6City {
  const city = shared[0]
  if (city === undefined) throw new Error(`${file} holds no city.`)
  return city
}

/** The one of a list that belongs to a virtual user (`__VU` counts from 1). */
export function ownOf<T>(list: readonly T[], nr: number): T {
  const own = list[(nr - 1) % list.length]
  if (own === undefined) throw new Error('The list is empty.')
  return own
}
