import { expect, test } from 'vitest'
import { fileOfBaseMap, originOfBaseMap, readBaseMap } from './base-map.ts'

test('no outside base map unless it is set; a name of NLSC gives row before column and its attribution', () => {
  expect(readBaseMap('', '', 18)).toBeNull()
  expect(readBaseMap('nlsc:EMAP', '', 18)).toEqual({
    url: 'https://wmts.nlsc.gov.tw/wmts/EMAP/default/GoogleMapsCompatible/{z}/{y}/{x}',
    attribution: '內政部國土測繪中心',
    maxZoom: 19,
    tiles: 'picture',
  })
})

test('an archive needs its attribution, and its tiles are the server’s own', () => {
  const map = readBaseMap('pmtiles:/srv/maps/taiwan.pmtiles', '© Example', 18)
  expect(map && fileOfBaseMap(map)).toBe('/srv/maps/taiwan.pmtiles')
  expect(map && originOfBaseMap(map)).toBe("'self'")
  expect(() => readBaseMap('pmtiles:/srv/maps/taiwan.pmtiles', '', 18)).toThrow('BASE_MAP_ATTRIBUTION')
})

test('an address of tiles needs its places and its attribution, and opens the policy for its own origin only', () => {
  const map = readBaseMap('https://tiles.example.tw:8443/dark/{z}/{x}/{y}.png', '© Example', 17)
  expect(map && originOfBaseMap(map)).toBe('https://tiles.example.tw:8443')
  for (const url of [
    'nlsc:NOPE',
    'https://tiles.example.tw/{z}/{x}',
    'javascript:{z}{x}{y}',
    "https://a.tw; script-src 'x'/{z}/{x}/{y}",
  ])
    expect(() => readBaseMap(url, '© Example', 17), url).toThrow('BASE_MAP_URL')
  expect(() => readBaseMap('https://a.tw/{z}/{x}/{y}', '', 17)).toThrow('BASE_MAP_ATTRIBUTION')
})
