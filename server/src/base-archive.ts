import { open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, zstdDecompress } from 'node:zlib'
import type { BaseMap } from '@patrol/contract'
import { Compression, PMTiles, SharedPromiseCache, TileType, type RangeResponse } from 'pmtiles'

/** A base map in one file. */
export interface BaseArchive {
  tiles: BaseMap['tiles']
  mediaType: string
  maxZoom: number
  /** One tile, uncompressed; null where the archive has none. */
  read(z: number, x: number, y: number): Promise<Buffer | null>
  close(): Promise<void>
}

const mediaTypes = new Map<TileType, string>([
  [TileType.Mvt, 'application/vnd.mapbox-vector-tile'],
  [TileType.Png, 'image/png'],
  [TileType.Jpeg, 'image/jpeg'],
  [TileType.Webp, 'image/webp'],
  [TileType.Avif, 'image/avif'],
])

/** All that the format knows; the library itself unpacks gzip only. Unknown is how old archives say none. */
const unpackers = new Map<Compression, (packed: ArrayBuffer) => Promise<Buffer>>([
  [Compression.Unknown, async (plain) => Buffer.from(plain)],
  [Compression.None, async (plain) => Buffer.from(plain)],
  [Compression.Gzip, promisify(gunzip)],
  [Compression.Brotli, promisify(brotliDecompress)],
  [Compression.Zstd, promisify(zstdDecompress)],
])

/** @throws when it is packed in a way of which nobody has heard, or not as it says */
async function unpack(packed: ArrayBuffer, compression: Compression): Promise<ArrayBuffer> {
  const plain = await unpackers.get(compression)?.(packed)
  if (plain === undefined) throw new Error(`Compression ${compression} is not known.`)
  // A copy of its own: a buffer may be part of a larger one.
  return new Uint8Array(plain).buffer
}

/**
 * Opens a PMTiles file; only what is asked for is read of it, however large it is.
 * @throws when there is no such file, or it holds no tiles that a browser draws
 */
export async function openBaseArchive(path: string): Promise<BaseArchive> {
  const file = await open(path).catch((error: unknown) => {
    throw new Error(`Settings are not usable: BASE_MAP_URL names ${path}, which cannot be read.`, {
      cause: error,
    })
  })
  const source = {
    getKey: () => path,
    async getBytes(offset: number, length: number): Promise<RangeResponse> {
      const bytes = new Uint8Array(length)
      const { bytesRead } = await file.read(bytes, 0, length, offset)
      return { data: bytes.buffer.slice(0, bytesRead) }
    },
  }
  // The cache unpacks directories, the archive tiles.
  const archive = new PMTiles(source, new SharedPromiseCache(undefined, undefined, unpack), unpack)
  const header = await archive.getHeader().catch(async (error: unknown) => {
    await file.close()
    throw new Error(`Settings are not usable: BASE_MAP_URL names ${path}, which is no PMTiles file.`, {
      cause: error,
    })
  })
  const mediaType = mediaTypes.get(header.tileType)
  if (mediaType === undefined || !unpackers.has(header.tileCompression)) {
    await file.close()
    throw new Error(
      `Settings are not usable: the tiles in ${path} are neither pictures nor vector tiles that can be unpacked.`,
    )
  }
  return {
    tiles: header.tileType === TileType.Mvt ? 'vector' : 'picture',
    mediaType,
    maxZoom: header.maxZoom,
    async read(z, x, y) {
      const tile = await archive.getZxy(z, x, y)
      return tile ? Buffer.from(tile.data) : null
    },
    close: () => file.close(),
  }
}
