import MVT from 'ol/format/MVT.js'
import VectorTileSource from 'ol/source/VectorTile.js'
import { createXYZ } from 'ol/tilegrid.js'

/** The city's own vector tiles, so that the map needs no internet. One source for all layers drawn from it. */
export function createTiles(): VectorTileSource {
  return new VectorTileSource({
    format: new MVT(),
    tileGrid: createXYZ({ tileSize: 512, minZoom: 0, maxZoom: 14 }),
    url: '/api/v1/tiles/{z}/{x}/{y}.mvt',
  })
}
