import type { FeatureLike } from 'ol/Feature.js'
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

/**
 * Coarsest resolutions at which stations and beats are drawn, zoom 12 and 14: of the 1920-wide layout, since a screen of four
 * times the pixels shows the same city at half the resolution.
 */
const stationUntil = 40
const beatUntil = 10

/** Names in the reader's language, of what the tiles hold in both. */
type WriteAreaName = (area: { name: string; nameEn: string }) => string

/** Lines between precincts, from zoom 12 also between stations, from zoom 14 between beats; the latter two named. */
export function createBoundaryLayer(
  source: VectorTileSource,
  textPx: () => number = () => 14,
  writeName: WriteAreaName = ({ name }) => name,
  scale: () => number = () => 1,
): VectorTileLayer {
  const precinct = new Style({
    stroke: new Stroke({ color: '#5a5f65', width: 1.5, lineDash: [6, 4] }),
    zIndex: 3,
  })
  const station = new Style({
    stroke: new Stroke({ color: '#50555b', width: 1.2, lineDash: [2, 4] }),
    zIndex: 2,
  })
  const beat = new Style({ stroke: new Stroke({ color: '#3d4247', width: 1 }), zIndex: 1 })
  const names = new Map<string, Style>()

  function styleName(feature: FeatureLike): Style {
    const isStation = feature.get('kind') === 'station'
    const name = writeName({
      name: String(feature.get('name') ?? ''),
      nameEn: String(feature.get('name_en') ?? ''),
    })
    const key = `${isStation}|${name}|${textPx()}`
    const known = names.get(key)
    if (known) return known
    const style = new Style({
      text: new Text({
        text: name,
        font: `${isStation ? 500 : 400} ${textPx() * (isStation ? 1 : 0.9)}px ${fontFamily}`,
        fill: new Fill({ color: isStation ? '#8a8f95' : '#666b71' }),
        stroke: new Stroke({ color: tokens.bg, width: 3 }),
      }),
      zIndex: isStation ? 2 : 1,
    })
    if (names.size > 1_000) names.clear()
    names.set(key, style)
    return style
  }

  return new VectorTileLayer({
    source,
    declutter: 'areas',
    // Few lines, drawn anew at each zoom: as pictures they would be stretched until the next tiles are there.
    renderMode: 'vector',
    style: (feature, pixel) => {
      const resolution = pixel * scale()
      switch (feature.get('layer')) {
        case 'precinct':
          return precinct
        case 'station':
          return resolution < stationUntil ? station : undefined
        case 'beat':
          return resolution < beatUntil ? beat : undefined
        case 'place':
          if (resolution >= (feature.get('kind') === 'beat' ? beatUntil : stationUntil)) return undefined
          return styleName(feature)
        default:
          return undefined
      }
    },
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
  scale: () => number,
): BoundaryLabels {
  const source = new VectorSource<Feature<Point>>()
  const styles = new Map<string, Style>()
  const precincts = new Map<number, Precinct>()
  const layer = new VectorLayer({
    source,
    declutter: 'boundary',
    style: (feature, pixel) => {
      // From there on stations are named.
      if (pixel * scale() < stationUntil) return undefined
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
