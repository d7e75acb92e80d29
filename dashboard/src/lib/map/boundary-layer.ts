import Feature from 'ol/Feature.js'
import Point from 'ol/geom/Point.js'
import VectorLayer from 'ol/layer/Vector.js'
import VectorTileLayer from 'ol/layer/VectorTile.js'
import { fromLonLat } from 'ol/proj.js'
import VectorSource from 'ol/source/Vector.js'
import type VectorTileSource from 'ol/source/VectorTile.js'
import Fill from 'ol/style/Fill.js'
import Stroke from 'ol/style/Stroke.js'
import Style from 'ol/style/Style.js'
import Text from 'ol/style/Text.js'
import type { City, Precinct } from '../live/city.ts'
import { fontFamily, tokens } from '../tokens.ts'

/** Lines between precincts. */
export function createBoundaryLayer(source: VectorTileSource): VectorTileLayer {
  const line = new Style({ stroke: new Stroke({ color: '#5a5f65', width: 1.5, lineDash: [6, 4] }) })
  return new VectorTileLayer({
    source,
    // Few lines, drawn anew at each zoom: as pictures they would be stretched until the next tiles are there.
    renderMode: 'vector',
    style: (feature) => (feature.get('layer') === 'precinct' ? line : undefined),
  })
}

export interface BoundaryLabels {
  layer: VectorLayer
  open(city: City): void
  restyle(): void
}

/** Names of the precincts, once each (a name in a tile would be written in every tile). */
export function createBoundaryLabels(
  textPx: () => number,
  writeName: (precinct: Precinct) => string,
): BoundaryLabels {
  const source = new VectorSource<Feature<Point>>()
  const styles = new Map<string, Style>()
  const precincts = new Map<number, Precinct>()
  const layer = new VectorLayer({
    source,
    declutter: 'boundary',
    style: (feature) => {
      const precinct = precincts.get(Number(feature.getId()))
      return precinct ? styleOf(writeName(precinct)) : undefined
    },
  })

  function styleOf(name: string): Style {
    const key = `${name}|${textPx()}`
    const known = styles.get(key)
    if (known) return known
    const style = new Style({
      text: new Text({
        text: name,
        font: `500 ${textPx()}px ${fontFamily}`,
        fill: new Fill({ color: '#7d8288' }),
        stroke: new Stroke({ color: tokens.bg, width: 3 }),
      }),
    })
    styles.set(key, style)
    return style
  }

  return {
    layer,
    open(city) {
      for (const precinct of city.precincts.values()) {
        precincts.set(precinct.id, precinct)
        if (precinct.lon === null || precinct.lat === null || source.getFeatureById(precinct.id)) continue
        const feature = new Feature(new Point(fromLonLat([precinct.lon, precinct.lat])))
        feature.setId(precinct.id)
        source.addFeature(feature)
      }
    },
    restyle: () => layer.changed(),
  }
}
