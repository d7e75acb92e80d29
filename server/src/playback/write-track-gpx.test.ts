import { expect, test } from 'vitest'
import { writeTrackGpx } from './write-track-gpx.ts'

const fix = (seconds: number, lat: number) => ({
  lon: 120.2,
  lat,
  recordedAt: new Date(Date.UTC(2026, 10, 23) + seconds * 1_000).toISOString(),
  accuracyMeters: null,
})

test('a segment ends where a fix is missing for two minutes, and where the next one is 500 m away', () => {
  const fixes = [fix(0, 23), fix(60, 23.001), fix(181, 23.001), fix(191, 23.01), fix(201, 23.0101)]
  const gpx = writeTrackGpx({ unitId: 1, callSign: '東門A1 <&>', fixes })
  const segments = gpx.split('<trkseg>').slice(1)
  expect(segments.map((segment) => segment.match(/<trkpt /g)?.length)).toEqual([2, 1, 2])
  expect(gpx).toContain('<name>東門A1 &#60;&#38;&#62;</name>')
})
