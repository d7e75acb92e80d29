import type { FeatureLike } from 'ol/Feature.js'
import Fill from 'ol/style/Fill.js'
import Stroke from 'ol/style/Stroke.js'
import Style from 'ol/style/Style.js'
import Text from 'ol/style/Text.js'
import { fontFamily } from '../tokens.ts'

/** As quiet as the city's own base map. */
const colors = { land: '#1d2023', water: '#15181c', green: '#1e2422', building: '#26292d', text: '#666b71' }

const area = (color: string) => new Style({ fill: new Fill({ color }), zIndex: 0 })
const line = (color: string, width: number, zIndex: number) =>
  new Style({ stroke: new Stroke({ color, width }), zIndex })

/** By the layer's name in the two usual schemas, Protomaps and OpenMapTiles. */
const areas: Record<string, Style> = {
  earth: area(colors.land),
  landuse: area(colors.green),
  landcover: area(colors.green),
  park: area(colors.green),
  water: area(colors.water),
  building: area(colors.building),
  buildings: area(colors.building),
}
const border = line('#3d4247', 1, 3)
const river = line(colors.water, 1.5, 1)
const street = line('#2f3337', 1, 2)
const mainRoad = line('#43474c', 1.8, 2)
const mainKinds = new Set(['highway', 'major_road', 'motorway', 'trunk', 'primary', 'secondary'])

/** Tiles that bring no style of their own are drawn in the tones of this map: areas, roads, borders, names of places. */
export function styleOutside(textPx: () => number) {
  const names = new Map<string, Style>()

  function writeName(name: string): Style {
    const key = `${name}|${textPx()}`
    const known = names.get(key)
    if (known) return known
    const text = new Text({
      text: name,
      font: `${textPx() * 0.95}px ${fontFamily}`,
      fill: new Fill({ color: colors.text }),
      stroke: new Stroke({ color: colors.land, width: 3 }),
    })
    const style = new Style({ text, zIndex: 4 })
    if (names.size > 2_000) names.clear()
    names.set(key, style)
    return style
  }

  return (feature: FeatureLike): Style | undefined => {
    const layer = String(feature.get('layer'))
    const type = feature.getGeometry()?.getType()
    if (type === 'Polygon' || type === 'MultiPolygon') return areas[layer]
    if (type === 'Point' || type === 'MultiPoint') {
      const name: unknown = feature.get('name:zh-Hant') ?? feature.get('name')
      return (layer === 'places' || layer === 'place') && typeof name === 'string'
        ? writeName(name)
        : undefined
    }
    if (layer === 'water' || layer === 'waterway') return river
    if (layer === 'boundaries' || layer === 'boundary') return border
    if (layer !== 'roads' && layer !== 'transportation') return undefined
    return mainKinds.has(String(feature.get('kind') ?? feature.get('class'))) ? mainRoad : street
  }
}
