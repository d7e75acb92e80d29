import type { Geometry } from 'geojson'
import GeoJSON from 'ol/format/GeoJSON.js'
import LayerGroup from 'ol/layer/Group.js'
import VectorLayer from 'ol/layer/Vector.js'
import VectorSource from 'ol/source/Vector.js'
import CircleStyle from 'ol/style/Circle.js'
import Fill from 'ol/style/Fill.js'
import Stroke from 'ol/style/Stroke.js'
import Style from 'ol/style/Style.js'
import Text from 'ol/style/Text.js'
import { fontFamily, tokens } from '../tokens.ts'
import type { OwnLayer } from './own-geojson.ts'

/** None of them a colour that means something on this map. */
const colors = ['#b48ead', '#7fb7a6', '#c9a27e', '#8fa3d9', '#a3b86c', '#d08fa8'] as const
/** Names are written from this resolution on (about zoom 13). */
const labelUntil = 22

/** @returns the colour of a layer, by its place in the list */
export const colorOfOwn = (nr: number): string => colors[nr % colors.length] ?? colors[0]

/** Files that somebody opened on this machine, each a layer of its own. */
export function createOwnLayers(textPx: () => number) {
  const group = new LayerGroup()
  const format = new GeoJSON({ featureProjection: 'EPSG:3857' })
  const shown = new Map<string, VectorLayer>()

  function styleFor(color: string) {
    const fill = new Fill({ color: `${color}30` })
    const stroke = new Stroke({ color, width: 2 })
    const image = new CircleStyle({
      radius: 5,
      fill: new Fill({ color }),
      stroke: new Stroke({ color: tokens.bg, width: 1.5 }),
    })
    const plain = new Style({ fill, stroke, image })
    return (feature: { get(key: string): unknown }, resolution: number) => {
      const name = feature.get('name')
      if (resolution > labelUntil || typeof name !== 'string' || name === '') return plain
      const text = new Text({
        text: name,
        font: `${textPx()}px ${fontFamily}`,
        offsetY: -textPx(),
        fill: new Fill({ color }),
        stroke: new Stroke({ color: tokens.bg, width: 3 }),
        overflow: true,
      })
      return new Style({ fill, stroke, image, text })
    }
  }

  return {
    layer: group,
    /** Shows these and no others; a layer that is there already stays as it is. */
    show(layers: readonly OwnLayer[]): void {
      for (const [id, layer] of shown) {
        if (layers.some((one) => one.id === id)) continue
        group.getLayers().remove(layer)
        shown.delete(id)
      }
      for (const [nr, { id, features }] of layers.entries()) {
        if (shown.has(id)) continue
        const source = new VectorSource({
          features: format.readFeatures({
            type: 'FeatureCollection',
            features: features.map(({ name, geometry }: { name: string; geometry: Geometry }) => ({
              type: 'Feature',
              properties: { name },
              geometry,
            })),
          }),
        })
        const layer = new VectorLayer({ source, declutter: 'own', style: styleFor(colorOfOwn(nr)) })
        shown.set(id, layer)
        group.getLayers().push(layer)
      }
    },
  }
}
