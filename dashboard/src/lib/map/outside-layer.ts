import type { BaseMap } from '@patrol/contract'
import TileLayer from 'ol/layer/Tile.js'
import XYZ from 'ol/source/XYZ.js'

/**
 * A base map from outside, over the city's own: where its tiles do not come, that one is seen. Bright maps are darkened by the
 * class of the layer (`CityMap.svelte`), so that what is urgent stays the brightest.
 */
export function createOutsideLayer(): TileLayer<XYZ> & { open(map: BaseMap): void } {
  const layer = new TileLayer<XYZ>({ className: 'outside-base', visible: false })
  return Object.assign(layer, {
    open({ url, maxZoom, attribution }: BaseMap): void {
      // Anonymous: a picture of the map may be saved only when its tiles allow it.
      layer.setSource(new XYZ({ url, maxZoom, attributions: attribution, crossOrigin: 'anonymous' }))
    },
  })
}
