import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MapSettings } from '@patrol/contract'
import { makeOfficer, makePrecinct } from '@patrol/db/factories'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBaseArchive } from '../src/base-archive.ts'
import { startTestCity, type TestCity } from './build-app.ts'

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patrol-base-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A PMTiles archive (version 3) of zooms 0 and 1 without compression: one tile of each, 0/0/0 and 1/0/0. */
async function writeArchive(
  name: string,
  tileType: number,
  tiles: readonly [Buffer, Buffer],
): Promise<string> {
  const [first, second] = tiles
  // Two entries: tile ids 0 and 1, run lengths, lengths, offsets (one more than where it begins).
  const directory = Buffer.from([2, 0, 1, 1, 1, first.length, second.length, 1, first.length + 1])
  const metadata = Buffer.from('{}')
  const header = Buffer.alloc(127)
  header.write('PMTiles')
  header[7] = 3
  const parts = [127, directory.length, 127 + directory.length, metadata.length, 0, 0]
  const dataAt = 127 + directory.length + metadata.length
  for (const [nr, value] of [...parts, dataAt, first.length + second.length, 2, 2, 2].entries())
    header.writeBigUInt64LE(BigInt(value), 8 + nr * 8)
  header.set([1, 1, 1, tileType, 0, 1], 96)
  const path = join(folder, name)
  await writeFile(path, Buffer.concat([header, directory, metadata, first, second]))
  return path
}

describe('an archive of tiles', () => {
  test('tells what it holds and gives each tile; where it has none, null', async () => {
    const archive = await openBaseArchive(await writeArchive('vector.pmtiles', 1, [png, Buffer.from('two')]))
    expect(archive).toMatchObject({ tiles: 'vector', maxZoom: 1 })
    expect((await archive.read(1, 0, 0))?.toString()).toBe('two')
    expect(await archive.read(1, 1, 1)).toBeNull()
    await archive.close()
  })

  test('is refused by what is wrong with it', async () => {
    const strange = join(folder, 'strange.pmtiles')
    await writeFile(strange, 'not tiles')
    await expect(openBaseArchive(strange)).rejects.toThrow('no PMTiles file')
    await expect(openBaseArchive(join(folder, 'none.pmtiles'))).rejects.toThrow('cannot be read')
    const unknown = await writeArchive('unknown.pmtiles', 0, [png, png])
    await expect(openBaseArchive(unknown)).rejects.toThrow('neither pictures nor vector tiles')
  })
})

describe('the doors of a city with an archive', () => {
  let city: TestCity
  let cookie: string

  beforeAll(async () => {
    const path = await writeArchive('pictures.pmtiles', 2, [png, png])
    city = await startTestCity({
      baseMap: { url: `pmtiles:${path}`, attribution: '測試', maxZoom: 18, tiles: 'picture' },
    })
    const place = await makePrecinct(city.db)
    const { id } = await makeOfficer(city.db, place, { roles: ['operator'] })
    cookie = (await city.logIn(id)).cookie
  })
  afterAll(() => city.stop())

  const get = (path: string, as = cookie) => fetch(`${city.origin}${path}`, { headers: { cookie: as } })

  test('the settings name its tiles by the server’s own address, never its place on the disk', async () => {
    const { baseMap }: MapSettings = JSON.parse(await (await get('/api/v1/map-settings')).text())
    expect(baseMap).toEqual({
      url: '/api/v1/base-tiles/{z}/{x}/{y}',
      attribution: '測試',
      maxZoom: 1,
      tiles: 'picture',
    })
  })

  test('a tile comes as it lies in the file; one that is not there is 404, and a stranger gets none', async () => {
    const tile = await get('/api/v1/base-tiles/1/0/0')
    expect(tile.headers.get('content-type')).toBe('image/png')
    expect(Buffer.from(await tile.arrayBuffer()).equals(png)).toBe(true)
    expect((await get('/api/v1/base-tiles/1/1/1')).status).toBe(404)
    expect((await get('/api/v1/base-tiles/1/2/0')).status).toBe(404)
    expect((await get('/api/v1/base-tiles/0/0/0', '')).status).toBe(401)
  })
})
