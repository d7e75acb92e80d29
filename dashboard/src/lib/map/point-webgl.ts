import Feature from 'ol/Feature.js'
import Point from 'ol/geom/Point.js'
import WebGLVectorLayer from 'ol/layer/WebGLVector.js'
import VectorSource from 'ol/source/Vector.js'
import type { Rule } from 'ol/style/flat.js'
import { tokens } from '../tokens.ts'
import { clusterBelowZoom, type PlacedPoint } from './cluster-layer.ts'

/** Patrol points drawn by a graphics card. Features are kept by id; `point-symbol.ts` draws the same without a card. */
export function createWebglPoints(scale: () => number) {
  const source = new VectorSource<Feature<Point>>()
  const layer = new WebGLVectorLayer({
    source,
    style: createRules(scale()),
    minZoom: clusterBelowZoom,
    disableHitDetection: true,
  })

  function createFeature({ id, x, y, look, isHigh }: PlacedPoint): Feature<Point> {
    const feature = new Feature({ geometry: new Point([x, y]), look, high: isHigh ? 1 : 0 })
    feature.setId(id)
    return feature
  }

  return {
    layer,
    put(places: readonly PlacedPoint[]): void {
      const added: Feature<Point>[] = []
      for (const place of places) {
        const known = source.getFeatureById(place.id)
        if (!known) added.push(createFeature(place))
        else {
          known.getGeometry()?.setCoordinates([place.x, place.y])
          if (known.get('look') !== place.look) known.set('look', place.look)
        }
      }
      // One feature at a time would tell the layer 7,791 times.
      source.addFeatures(added)
    },
    remove(id: number): void {
      const known = source.getFeatureById(id)
      if (known) source.removeFeature(known)
    },
    restyle: () => layer.setStyle(createRules(scale())),
  }
}

function createRules(scale: number): Rule[] {
  const size = (px: number) => ['*', px * scale, ['case', ['==', ['get', 'high'], 1], 1.3, 1]]
  return [
    {
      filter: ['==', ['get', 'look'], 'idle'],
      style: { 'circle-radius': size(3), 'circle-fill-color': '#5a5f65' },
    },
    {
      filter: ['==', ['get', 'look'], 'done'],
      style: { 'circle-radius': size(4.5), 'circle-fill-color': tokens.normal },
    },
    {
      filter: ['==', ['get', 'look'], 'due'],
      style: {
        'circle-radius': size(7),
        'circle-fill-color': 'rgba(22,24,27,0.6)',
        'circle-stroke-color': tokens.strong,
        'circle-stroke-width': 2 * scale,
      },
    },
    {
      filter: ['==', ['get', 'look'], 'missed'],
      style: {
        'shape-points': 3,
        'shape-radius': size(10),
        'shape-fill-color': 'rgba(22,24,27,0.8)',
        'shape-stroke-color': tokens.p2,
        'shape-stroke-width': 2.4 * scale,
      },
    },
    {
      filter: ['==', ['get', 'look'], 'late'],
      style: {
        'shape-points': 3,
        'shape-radius': size(11),
        'shape-fill-color': tokens.p2,
        'shape-stroke-color': tokens.bg,
        'shape-stroke-width': 1.5 * scale,
      },
    },
    {
      // A star so slender that it is a cross; an edge as wide as elsewhere would leave nothing of it.
      filter: ['==', ['get', 'look'], 'out'],
      style: {
        'shape-points': 4,
        'shape-radius': size(10),
        'shape-radius2': size(3),
        'shape-angle': Math.PI / 4,
        'shape-fill-color': tokens.dim,
        'shape-stroke-color': tokens.bg,
        'shape-stroke-width': 0.6 * scale,
      },
    },
  ]
}
