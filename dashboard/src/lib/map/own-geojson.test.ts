import { expect, test } from 'vitest'
import { maxOwnBytes, readOwnLayer } from './own-geojson.ts'

const read = (value: unknown) =>
  readOwnLayer(
    { name: '管制區.geojson', text: typeof value === 'string' ? value : JSON.stringify(value) },
    'id',
  )
const place = (coordinates: unknown, type = 'Point') => ({
  type: 'Feature',
  properties: null,
  geometry: { type, coordinates },
})
const collection = (...features: unknown[]) => ({ type: 'FeatureCollection', features })

test('a file becomes a layer of its name; shapes and their names are kept, other properties are not', () => {
  const feature = { ...place([120.2, 23]), properties: { name: '一號', secret: 'x' } }
  expect(read(`\uFEFF${JSON.stringify(collection(feature))}`)).toEqual({
    layer: {
      id: 'id',
      name: '管制區',
      features: [{ name: '一號', geometry: { type: 'Point', coordinates: [120.2, 23] } }],
    },
  })
})

test.each([
  ['{', 'no-json', ''],
  [' '.repeat(maxOwnBytes + 1), 'too-large', ''],
  [{ type: 'Topology' }, 'no-geojson', 'type'],
  [collection(), 'no-features', 'features'],
  [collection(place([120, 23]), place(['120', 23])), 'wrong-field', 'features[1].geometry.coordinates'],
  [collection(place([[120, 23], [120]], 'LineString')), 'wrong-field', 'features[0].geometry.coordinates[1]'],
  [collection(place([169_000, 2_545_000])), 'no-lon-lat', 'features[0].geometry.coordinates'],
  [collection(place([120, 23], 'Circle')), 'wrong-field', 'features[0].geometry.type'],
  [collection({ type: 'Feature' }), 'wrong-field', 'features[0].geometry'],
])('what is wrong is named by its field (%#)', (file, kind, field) => {
  expect(read(file)).toEqual({ fault: { kind, field } })
})
