import { open } from 'node:fs/promises'
import type { BaseMap } from '@patrol/contract'
import { Compression, PMTiles, TileType, type RangeResponse } from 'pmtiles'

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

const readable = new Set([Compression.Unknown, Compression.None, Compression.Gzip])

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
  const archive = new PMTiles({
    getKey: () => path,
    async getBytes(offset: number, length: number): Promise<RangeResponse> {
      const bytes = new Uint8Array(length)
      const { bytesRead } = await file.read(bytes, 0, length, offset)
      return { data: bytes.buffer.slice(0, bytesRead) }
    },
  })
  const header = await archive.getHeader().catch(async (error: unknown) => {
    await file.close()
    throw new Error(`Settings are not usable: BASE_MAP_URL names ${path}, which is no PMTiles file.`, {
      cause: error,
    })
  })
  const mediaType = mediaTypes.get(header.tileType)
  if (mediaType === undefined || !readable.has(header.tileCompression)) {
    await file.close()
    throw new Error(
      `Settings are not usable: the tiles in ${path} are neither pictures nor vector tiles, plain or gzip.`,
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
