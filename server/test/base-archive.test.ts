import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'
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

type Packing = 'none' | 'gzip' | 'brotli' | 'zstd' | 'strange'
/** As the header of an archive numbers them. */
const packings: Record<Packing, { nr: number; pack(bytes: Buffer): Buffer }> = {
  none: { nr: 1, pack: (bytes) => bytes },
  gzip: { nr: 2, pack: (bytes) => gzipSync(bytes) },
  brotli: { nr: 3, pack: (bytes) => brotliCompressSync(bytes) },
  zstd: { nr: 4, pack: (bytes) => zstdCompressSync(bytes) },
  strange: { nr: 9, pack: (bytes) => bytes },
}

/** A PMTiles archive (version 3) of zooms 0 and 1: one tile of each, 0/0/0 and 1/0/0. */
async function writeArchive(
  name: string,
  tileType: number,
  tiles: readonly [Buffer, Buffer],
  { tilesAs = 'none', directoryAs = 'none' }: { tilesAs?: Packing; directoryAs?: Packing } = {},
): Promise<string> {
  const { pack } = packings[tilesAs]
  const [first, second] = [pack(tiles[0]), pack(tiles[1])]
  // Two entries: tile ids 0 and 1, run lengths, lengths, offsets (one more than where it begins).
  const entries = Buffer.from([2, 0, 1, 1, 1, first.length, second.length, 1, first.length + 1])
  const directory = packings[directoryAs].pack(entries)
  const metadata = packings[directoryAs].pack(Buffer.from('{}'))
  const header = Buffer.alloc(127)
  header.write('PMTiles')
  header[7] = 3
  const parts = [127, directory.length, 127 + directory.length, metadata.length, 0, 0]
  const dataAt = 127 + directory.length + metadata.length
  for (const [nr, value] of [...parts, dataAt, first.length + second.length, 2, 2, 2].entries())
    header.writeBigUInt64LE(BigInt(value), 8 + nr * 8)
  header.set([1, packings[directoryAs].nr, packings[tilesAs].nr, tileType, 0, 1], 96)
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

  test.each<[Packing, Packing]>([
    ['none', 'gzip'],
    ['gzip', 'none'],
    ['gzip', 'gzip'],
    ['brotli', 'brotli'],
    ['zstd', 'zstd'],
  ])('with its directory as %s and its tiles as %s gives each tile plain', async (directoryAs, tilesAs) => {
    const packed = { directoryAs, tilesAs }
    const path = await writeArchive('packed.pmtiles', 1, [Buffer.from('one'), Buffer.from('two')], packed)
    const archive = await openBaseArchive(path)
    expect((await archive.read(0, 0, 0))?.toString()).toBe('one')
    expect((await archive.read(1, 0, 0))?.toString()).toBe('two')
    await archive.close()
  })

  test('is refused by what is wrong with it', async () => {
    const strange = join(folder, 'strange.pmtiles')
    await writeFile(strange, 'not tiles')
    await expect(openBaseArchive(strange)).rejects.toThrow('no PMTiles file')
    await expect(openBaseArchive(join(folder, 'none.pmtiles'))).rejects.toThrow('cannot be read')
    const unknown = await writeArchive('unknown.pmtiles', 0, [png, png])
    await expect(openBaseArchive(unknown)).rejects.toThrow('neither pictures nor vector tiles')
    const packed = await writeArchive('packed-9.pmtiles', 1, [png, png], { tilesAs: 'strange' })
    await expect(openBaseArchive(packed)).rejects.toThrow('vector tiles that can be unpacked')
    const directory = await writeArchive('directory-9.pmtiles', 1, [png, png], { directoryAs: 'strange' })
    await expect(openBaseArchive(directory)).rejects.toThrow('no PMTiles file')
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
