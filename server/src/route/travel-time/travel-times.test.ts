import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { corner, river, road } from './made-up-roads.ts'
import { buildRoadGraph } from './road-graph.ts'
import { createTravelBlocks } from './travel-blocks.ts'
import { graphSeconds, travelSeconds } from './travel-times.ts'

const noon = new Date('2026-11-23T04:00:00Z')
const car = { mode: 'car', at: noon } as const

const stubs: ReturnType<typeof createServer>[] = []
afterEach(() => stubs.splice(0).forEach((stub) => stub.close()))

test('the way across a river goes over the bridge, not over the water', () => {
  const [south, north] = [corner(0, 0), corner(0, 1)]
  const { seconds, source } = graphSeconds(river, south, [north, corner(5, 0)], { mode: 'car', band: 'day' })
  expect(source).toBe('road-graph')
  // 21.6 km at 42 km/h; the straight line would have been under three minutes.
  expect(seconds[0]).toBeCloseTo((2 * 10_230 + 1_112) / (42 / 3.6), 0)
  expect(seconds[1]).toBeCloseTo(5_115 / (42 / 3.6), 0)
})

test('neighbours a lane apart go straight, but not through the river', () => {
  const near = { ...corner(5, 0), lat: 23.002 }
  const neighbour = { lon: near.lon + 0.002, lat: 23.002 }
  const direct = graphSeconds(river, near, [neighbour], { mode: 'car', band: 'day' }).seconds[0] ?? 0
  expect(direct).toBeLessThan(60)
  // Both 450 m from their own bank: 200 m of water between them.
  const [south, north] = [
    { ...corner(0, 0), lat: 23.004 },
    { ...corner(0, 0), lat: 23.006 },
  ]
  expect(graphSeconds(river, south, [north], { mode: 'car', band: 'day' }).seconds[0]).toBeGreaterThan(1_500)
})

test('a one-way is driven one way, and walked both ways', () => {
  const block = buildRoadGraph([
    road([0, 0], [1, 0], { oneway: true }),
    road([1, 0], [1, 1], { oneway: true }),
    road([1, 1], [0, 1], { oneway: true }),
    road([0, 1], [0, 0], { oneway: true }),
  ])
  const [a, b] = [corner(0.2, 0), corner(0.8, 0)]
  const there = graphSeconds(block, a, [b], { mode: 'car', band: 'day' }).seconds[0] ?? 0
  const back = graphSeconds(block, b, [a], { mode: 'car', band: 'day' }).seconds[0] ?? 0
  expect(there).toBeCloseTo((0.6 * 1_023) / (42 / 3.6), 0)
  expect(back).toBeCloseTo((1.4 * 1_023 + 2 * 1_112) / (42 / 3.6), 0)
  const towards = graphSeconds(block, a, [b], { mode: 'car', band: 'day', towards: true }).seconds[0]
  expect(towards).toBeCloseTo(back, 6)
  const onFoot = { mode: 'foot', band: 'day' } as const
  expect(graphSeconds(block, b, [a], onFoot).seconds[0]).toBeCloseTo((0.6 * 1_023) / 1.25, 0)
})

test('expressways are for cars, peaks slow main roads, and motorcycles less', () => {
  const graph = buildRoadGraph([
    road([0, 0], [1, 0], { roadClass: 'trunk' }),
    road([0, 0], [0, 1]),
    road([0, 1], [1, 1]),
    road([1, 1], [1, 0]),
  ])
  const ask = (mode: 'car' | 'motorcycle', band: 'day' | 'eveningPeak') =>
    graphSeconds(graph, corner(0, 0), [corner(1, 0)], { mode, band }).seconds[0] ?? 0
  expect(ask('car', 'day')).toBeCloseTo(1_023 / (65 / 3.6), 0)
  expect(ask('motorcycle', 'day')).toBeCloseTo((1_023 + 2_224) / (42 / 3.6), 0)
  expect(ask('car', 'eveningPeak') / ask('car', 'day')).toBeCloseTo(1 / 0.7, 2)
  expect(ask('motorcycle', 'eveningPeak') / ask('motorcycle', 'day')).toBeCloseTo(1 / 0.85, 2)
})

test('a dead end that a one-way leads into is never snapped to', () => {
  const graph = buildRoadGraph([
    road([0, 0], [1, 0]),
    road([1, 0], [1, 1]),
    road([1, 1], [1, 2], { oneway: true }),
  ])
  expect(graph.network('car').snap(corner(1, 2))).toMatchObject({ piece: 1, along: 1 })
})

test('off the map and without a map it is an estimate, and says so', async () => {
  const far = { lon: 121.5, lat: 25 }
  expect(graphSeconds(river, corner(0, 0), [corner(1, 0), far], { mode: 'car', band: 'day' })).toMatchObject({
    source: 'road-graph',
    estimated: 1,
  })
  const none = await travelSeconds(null, corner(0, 0), [corner(1, 0)], car)
  expect(none).toMatchObject({ source: 'estimate', estimated: 1 })
  expect(none.seconds[0]).toBeCloseTo((1_023 * 1.3) / (30 / 3.6), -1)
})

/** Speaks the format of OSRM's table service: the seconds from i to j are 100 i + j, by place on the request. */
async function startOsrm(answer?: (sources: number[], destinations: number[]) => unknown): Promise<string> {
  const stub = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://stub')
    const places = url.pathname.split('/').at(-1)?.split(';') ?? []
    const numbers = (name: string) => (url.searchParams.get(name) ?? '').split(';').map(Number)
    const [sources, destinations] = [numbers('sources'), numbers('destinations')]
    const lonOf = (i: number) => Math.round((Number(places[i]?.split(',')[0]) - 120.1) * 100)
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify(
        answer?.(sources, destinations) ?? {
          code: 'Ok',
          durations: sources.map((i) => destinations.map((j) => 100 * lonOf(i) + lonOf(j))),
        },
      ),
    )
  })
  stubs.push(stub)
  await new Promise<void>((resolve) => stub.listen(0, '127.0.0.1', () => resolve()))
  return `http://127.0.0.1:${(stub.address() as AddressInfo).port}`
}

test('OSRM is asked where it is configured, in pieces it takes, both ways', async () => {
  const osrmUrl = await startOsrm()
  const many = Array.from({ length: 120 }, (_, x) => corner(x, 0))
  const out = await travelSeconds(river, corner(3, 0), many, { ...car, osrmUrl })
  expect(out.source).toBe('osrm')
  expect([...out.seconds]).toEqual(many.map((_, x) => 300 + x))
  const back = await travelSeconds(river, corner(3, 0), many, { ...car, osrmUrl, towards: true })
  expect([...back.seconds]).toEqual(many.map((_, x) => 100 * x + 3))
  // One car server is no walker.
  expect((await travelSeconds(river, corner(3, 0), many, { ...car, mode: 'foot', osrmUrl })).source).toBe(
    'road-graph',
  )
})

test('where OSRM finds no way or does not answer, the next source does', async () => {
  const holes = await startOsrm((sources, destinations) => ({
    code: 'Ok',
    durations: sources.map(() => destinations.map(() => null)),
  }))
  const asked = await travelSeconds(river, corner(0, 0), [corner(1, 0)], { ...car, osrmUrl: holes })
  expect(asked).toMatchObject({ source: 'osrm', estimated: 1 })
  const nonsense = await startOsrm(() => ({ code: 'TooBig' }))
  expect(
    (await travelSeconds(river, corner(0, 0), [corner(1, 0)], { ...car, osrmUrl: nonsense })).source,
  ).toBe('road-graph')
  const nobody = { ...car, osrmUrl: 'http://127.0.0.1:9' }
  expect((await travelSeconds(river, corner(0, 0), [corner(1, 0)], nobody)).source).toBe('road-graph')
})

test('a table is the same as one search per row, from the cache as well', async () => {
  const block = [0, 2, 4, 6].map((x, i) => ({ id: 70 + i, ...corner(x, i % 2) }))
  const station = corner(9, 0)
  const blocks = createTravelBlocks({ graph: river })
  const request = {
    precinctId: 1,
    block,
    points: [71, 73, 70],
    extra: [station],
    mode: 'car',
    at: noon,
  } as const
  const table = await blocks.table(request)
  expect(table).toMatchObject({ source: 'road-graph', estimated: 0 })
  const places = [block[1], block[3], block[0], station].flatMap((place) => place ?? [])
  const rows = places.map((from) => graphSeconds(river, from, places, { mode: 'car', band: 'day' }).seconds)
  rows.forEach((row, i) =>
    row.forEach((seconds, j) => expect(table.seconds[i * 4 + j]).toBeCloseTo(i === j ? 0 : seconds, 2)),
  )
  expect(await blocks.table(request)).toEqual(table)
  const moved = block.map((point) => ({ ...point, lat: point.lat + 0.01 }))
  expect((await blocks.table({ ...request, block: moved })).seconds[1]).not.toBeCloseTo(
    table.seconds[1] ?? 0,
    0,
  )
})
