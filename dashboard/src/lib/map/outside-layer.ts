import type { BaseMap } from '@patrol/contract'
import MVT from 'ol/format/MVT.js'
import LayerGroup from 'ol/layer/Group.js'
import TileLayer from 'ol/layer/Tile.js'
import VectorTileLayer from 'ol/layer/VectorTile.js'
import VectorTileSource from 'ol/source/VectorTile.js'
import XYZ from 'ol/source/XYZ.js'
import { tokens } from '../tokens.ts'
import { styleOutside } from './outside-style.ts'

/**
 * A base map from outside, over the city's own: where its tiles do not come, that one is seen. Bright pictures are darkened by the
 * class of the layer (`CityMap.svelte`), so that what is urgent stays the brightest; vector tiles are drawn dark.
 */
export function createOutsideLayer(textPx: () => number): LayerGroup & { open(map: BaseMap): void } {
  const group = new LayerGroup({ visible: false })
  return Object.assign(group, {
    open({ url, maxZoom, attribution, tiles }: BaseMap): void {
      const given = { url, maxZoom, attributions: attribution }
      group.getLayers().push(
        tiles === 'picture'
          ? // Anonymous: a picture of the map may be saved only when its tiles allow it.
            new TileLayer({
              className: 'outside-base',
              source: new XYZ({ ...given, crossOrigin: 'anonymous' }),
            })
          : new VectorTileLayer({
              source: new VectorTileSource({ ...given, format: new MVT() }),
              declutter: 'outside',
              background: tokens.bg,
              style: styleOutside(textPx),
            }),
      )
    },
  })
}
