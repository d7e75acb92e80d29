import type { Coordinate } from 'ol/coordinate.js'
import type Feature from 'ol/Feature.js'
import LineString from 'ol/geom/LineString.js'
import Polygon from 'ol/geom/Polygon.js'
import Draw from 'ol/interaction/Draw.js'
import VectorLayer from 'ol/layer/Vector.js'
import type OlMap from 'ol/Map.js'
import { unByKey } from 'ol/Observable.js'
import { getArea, getLength } from 'ol/sphere.js'
import VectorSource from 'ol/source/Vector.js'
import CircleStyle from 'ol/style/Circle.js'
import Fill from 'ol/style/Fill.js'
import Stroke from 'ol/style/Stroke.js'
import Style from 'ol/style/Style.js'
import { tokens } from '../tokens.ts'

export type Measure = 'distance' | 'area'

const style = new Style({
  stroke: new Stroke({ color: tokens.p3, width: 2.5, lineDash: [8, 5] }),
  fill: new Fill({ color: 'rgba(75, 174, 237, 0.12)' }),
  image: new CircleStyle({ radius: 4, fill: new Fill({ color: tokens.p3 }) }),
})

/**
 * Measures on the ellipsoid, not on the stretched map. A click adds a corner, a double click ends; what was measured stays
 * until the next or until it is cleared.
 * @param tell metres or square metres so far; null when there is nothing
 */
export function createMeasureLayer(map: OlMap, tell: (value: number | null) => void) {
  const source = new VectorSource<Feature>()
  const layer = new VectorLayer({ source, style })
  let draw: Draw | null = null

  function stop(): void {
    if (draw) map.removeInteraction(draw)
    draw = null
  }

  function clear(): void {
    source.clear()
    tell(null)
  }

  return {
    layer,
    isMeasuring: () => draw !== null,
    start(what: Measure): void {
      stop()
      clear()
      const made = new Draw({ source, type: what === 'distance' ? 'LineString' : 'Polygon', style })
      made.on('drawstart', ({ feature }) => {
        clear()
        const key = feature.getGeometry()?.on('change', ({ target }: { target: unknown }) => {
          if (target instanceof LineString) tell(getLength(target))
          else if (target instanceof Polygon) tell(getArea(target))
        })
        made.once(['drawend', 'drawabort'], () => key && unByKey(key))
      })
      draw = made
      map.addInteraction(made)
    },
    /** Without a mouse: a corner at the middle of the map. */
    addCorner(place: Coordinate): void {
      draw?.appendCoordinates([place])
    },
    finish: () => draw?.finishDrawing(),
    stop(): void {
      stop()
      clear()
    },
  }
}

/** @returns metres as `840 m` or `12.3 km`; square metres as `5,200 m²` or `1.25 km²` */
export function writeMeasure(what: Measure, value: number): string {
  const write = (number: number, digits: number) =>
    number.toLocaleString('en', { maximumFractionDigits: digits })
  if (what === 'distance') return value < 1_000 ? `${write(value, 0)} m` : `${write(value / 1_000, 2)} km`
  return value < 100_000 ? `${write(value, 0)} m²` : `${write(value / 1_000_000, 3)} km²`
}
