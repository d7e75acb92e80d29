import type { Alert, NamedWallScene, WallScene } from '@patrol/contract'
import { toLonLat } from 'ol/proj.js'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { LayerName } from '../../../lib/map/map-layers.ts'
import { modelAlert } from '../../../lib/live/model-alert.ts'
import { followPlaylist, type Showing } from './follow-playlist.ts'
import { readPlaylist } from './playlist.ts'

let shown: string[]
let layers: readonly LayerName[] | null
let live: { ready: boolean; precincts: never[]; alerts: Alert[] }
let scenes: NamedWallScene[]
let asked: number
let showing: Showing

beforeEach(() => {
  vi.useFakeTimers()
  shown = []
  layers = null
  live = { ready: true, precincts: [], alerts: [] }
  scenes = []
  asked = 0
})
afterEach(() => {
  showing.end()
  vi.useRealTimers()
})

const place = (lon: number, names?: LayerName[]): WallScene => ({
  kind: 'place',
  lon,
  lat: 23,
  zoom: 15,
  ...(names ? { layers: names } : {}),
})
const named = (name: string, scene: WallScene): NamedWallScene => ({
  id: 1,
  name,
  scene,
  organisation: { name: '', nameEn: '' },
  by: '',
  savedAt: '',
})

/** A wall that writes down what its map was told. */
async function open(query: string): Promise<void> {
  showing = followPlaylist(readPlaylist(new URLSearchParams(query)), live, {
    readMap: () => ({
      fit: () => void shown.push('city'),
      showExactly: (at) => void shown.push(`${toLonLat(at)[0]?.toFixed(2)}`),
      extentOf: () => null,
    }),
    setLayers: (names) => (layers = names),
    readScenes: () => {
      asked += 1
      return Promise.resolve(scenes)
    },
  })
  await seconds(1)
}
const seconds = (n: number) => vi.advanceTimersByTimeAsync(n * 1_000)

test('a wall of one scene reads its scene anew, and moves only when it is another', async () => {
  scenes = [named('夜市', place(120.2, ['base', 'units']))]
  await open('views=夜市')
  expect([shown, layers]).toEqual([['120.20'], ['base', 'units']])
  await seconds(125)
  expect([asked, shown]).toEqual([3, ['120.20']])
  scenes = [named('夜市', place(120.3))]
  await seconds(60)
  expect([shown, layers]).toEqual([['120.20', '120.30'], null])
  // Removed, the whole city stands in its place.
  scenes = []
  await seconds(60)
  expect(shown).toEqual(['120.20', '120.30', 'city'])
})

test('a scene that was saved anew waits while a P1 asks for an answer', async () => {
  scenes = [named('夜市', place(120.2))]
  await open('views=夜市')
  live.alerts = [modelAlert({ id: 1, priority: 1, state: 'unack' })]
  scenes = [named('夜市', place(120.3))]
  await seconds(120)
  expect(shown).toEqual(['120.20'])
  live.alerts = [modelAlert({ id: 1, priority: 1, state: 'ack' })]
  await seconds(60)
  expect(shown).toEqual(['120.20', '120.30'])
})

test('the views turn in their time, stand still while a P1 is unacknowledged, and go on from there', async () => {
  scenes = [named('夜市', place(120.2))]
  await open('views=city,夜市&every=10')
  await seconds(20)
  expect(shown).toEqual(['city', '120.20', 'city'])
  live.alerts = [modelAlert({ id: 1, priority: 1, state: 'unack' })]
  await seconds(50)
  expect(shown).toHaveLength(3)
  // A P2 stops nothing.
  live.alerts = [modelAlert({ id: 2, priority: 2, state: 'unack' })]
  await seconds(10)
  expect(shown).toEqual(['city', '120.20', 'city', '120.20'])
})

test('what was sent stands still, and then the round goes on where it was', async () => {
  await open('views=city')
  showing.hold(place(120.4))
  await seconds(300)
  showing.hold(null)
  expect(shown).toEqual(['city', '120.40', 'city'])
  expect(asked).toBe(0)
})
