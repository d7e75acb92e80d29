import type { FeatureLike } from 'ol/Feature.js'
import VectorTileLayer from 'ol/layer/VectorTile.js'
import type VectorTileSource from 'ol/source/VectorTile.js'
import Fill from 'ol/style/Fill.js'
import Stroke from 'ol/style/Stroke.js'
import Style from 'ol/style/Style.js'
import Text from 'ol/style/Text.js'
import { fontFamily, tokens } from '../tokens.ts'

/** Land a little lighter than the sea, roads a little lighter than the land: nothing here may draw the eye. */
const land = '#1d2023'
const roadColor: Record<string, string> = {
  motorway: '#4a4e53',
  trunk: '#4a4e53',
  primary: '#43474c',
  secondary: '#393d41',
  tertiary: '#33373b',
}
const roadWidth: Record<string, number> = {
  motorway: 2.4,
  trunk: 2.2,
  primary: 1.8,
  secondary: 1.4,
  tertiary: 1,
}
/** Coarsest resolution (metres per pixel) at which a class is drawn. */
const roadUntil: Record<string, number> = {
  motorway: 400,
  trunk: 200,
  primary: 120,
  secondary: 60,
  tertiary: 30,
}
const minorUntil = 12
const roadNameUntil = 5

const district = new Style({
  fill: new Fill({ color: land }),
  stroke: new Stroke({ color: '#2b2f33', width: 1 }),
  zIndex: 0,
})
const villageLine = new Stroke({ color: '#2b2f33', width: 1 })
const villageUntil = 40
/** Coarsest resolution at which villages are named. */
const villageNameUntil = 9

/** Districts, villages and roads, from the city's tiles. Names are written at the screen's smallest size of text. */
export function createBaseLayer(source: VectorTileSource, textPx: () => number): VectorTileLayer {
  const roads = new Map<string, Style>()
  const villages = new Map<string, Style>()

  function styleVillage(feature: FeatureLike, resolution: number): Style | undefined {
    if (resolution > villageUntil) return undefined
    const name = resolution < villageNameUntil ? String(feature.get('name') ?? '') : ''
    const known = villages.get(name)
    if (known) return known
    const style = new Style({ stroke: villageLine, zIndex: 1 })
    if (name !== '') style.setText(writeName(name, 'point'))
    villages.set(name, style)
    return style
  }

  function writeName(text: string, placement: 'point' | 'line'): Text {
    return new Text({
      text,
      placement,
      font: `${textPx() * 0.95}px ${fontFamily}`,
      fill: new Fill({ color: '#666b71' }),
      stroke: new Stroke({ color: land, width: 3 }),
    })
  }

  function styleRoad(feature: FeatureLike, resolution: number): Style | undefined {
    const kind = String(feature.get('class') ?? '')
    if (resolution > (roadUntil[kind] ?? minorUntil)) return undefined
    const name = resolution < roadNameUntil ? String(feature.get('name') ?? '') : ''
    const key = `${kind}|${name}`
    const known = roads.get(key)
    if (known) return known
    const style = new Style({
      stroke: new Stroke({ color: roadColor[kind] ?? '#2b2f33', width: roadWidth[kind] ?? 0.8 }),
      zIndex: 2,
    })
    if (name !== '') style.setText(writeName(name, 'line'))
    // Road names are many; what scrolled out of view long ago need not be kept.
    if (roads.size > 2_000) roads.clear()
    roads.set(key, style)
    return style
  }

  return new VectorTileLayer({
    source,
    declutter: 'base',
    background: tokens.bg,
    renderBuffer: 64,
    style: (feature, resolution) => {
      switch (feature.get('layer')) {
        case 'district':
          return district
        case 'village':
          return styleVillage(feature, resolution)
        case 'road':
          return styleRoad(feature, resolution)
        default:
          return undefined
      }
    },
  })
}
