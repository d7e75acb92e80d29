import Feature from 'ol/Feature.js'
import Point from 'ol/geom/Point.js'
import VectorLayer from 'ol/layer/Vector.js'
import { fromLonLat } from 'ol/proj.js'
import VectorSource from 'ol/source/Vector.js'
import CircleStyle from 'ol/style/Circle.js'
import Stroke from 'ol/style/Stroke.js'
import Style from 'ol/style/Style.js'
import type { Touched } from '../live/apply-event.ts'
import type { City } from '../live/city.ts'
import { tokens } from '../tokens.ts'
import { placeOfSelection, type Selection } from './pick.ts'

/** A ring round what is selected; it goes with a unit that moves. */
export function createSelectionLayer(scale: () => number) {
  const source = new VectorSource<Feature<Point>>()
  let selection: Selection | null = null
  let city: City | null = null
  const layer = new VectorLayer({
    source,
    style: () =>
      [tokens.bg, tokens.strong].map(
        (color, nr) =>
          new Style({
            image: new CircleStyle({
              radius: 19 * scale(),
              stroke: new Stroke({ color, width: nr === 0 ? 6 : 2.5 }),
            }),
          }),
      ),
  })

  function draw(): void {
    const place = selection && city ? placeOfSelection(city, selection) : null
    const ring = source.getFeatureById('ring')
    if (!place) {
      source.clear()
      return
    }
    const at = fromLonLat([place.lon, place.lat])
    if (ring) ring.getGeometry()?.setCoordinates(at)
    else {
      const added = new Feature(new Point(at))
      added.setId('ring')
      source.addFeature(added)
    }
  }

  return {
    layer,
    select(next: Selection | null): void {
      selection = next
      draw()
    },
    open(next: City): void {
      city = next
      draw()
    },
    paint(next: City, touched: Touched): void {
      city = next
      if (selection?.kind === 'unit' ? touched.units.has(selection.unit.id) : selection && touched.dispatch)
        draw()
    },
    restyle: () => layer.changed(),
  }
}
