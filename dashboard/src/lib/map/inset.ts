import type { Coordinate } from 'ol/coordinate.js'
import OlMap from 'ol/Map.js'
import Overlay from 'ol/Overlay.js'
import View from 'ol/View.js'
import { createBaseLayer } from './base-layer.ts'
import type { CityMap } from './map.ts'

const insetZoom = 13.5

/** A small still map around one place, with the tiles of the big one. */
export function createInset(target: HTMLElement, center: Coordinate, big: CityMap) {
  const element = document.createElement('div')
  element.className = 'p1-ring'
  const { symbols, names } = big.units.createTwin()
  const map = new OlMap({
    target,
    view: new View({ center, zoom: insetZoom }),
    controls: [],
    interactions: [],
    layers: [createBaseLayer(big.tiles, big.textPx), symbols, names],
    overlays: [new Overlay({ element, position: center, positioning: 'center-center', stopEvent: false })],
  })
  return {
    close(): void {
      map.setTarget(undefined)
      map.dispose()
    },
  }
}
