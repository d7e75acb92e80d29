import type { Coordinate } from 'ol/coordinate.js'
import type { Extent } from 'ol/extent.js'
import Feature from 'ol/Feature.js'
import Point from 'ol/geom/Point.js'
import VectorLayer from 'ol/layer/Vector.js'
import WebGLVectorLayer from 'ol/layer/WebGLVector.js'
import { fromLonLat } from 'ol/proj.js'
import VectorSource from 'ol/source/Vector.js'
import type { Rule } from 'ol/style/flat.js'
import type { WallPoint } from '@patrol/contract'
import type { City } from '../live/city.ts'
import { tokens } from '../tokens.ts'
import { clusterBelowZoom, createClusterLayer, type PlacedPoint } from './cluster-layer.ts'
import { hasGraphicsCard } from './graphics-card.ts'
import { lookOf } from './point-look.ts'

/** Thousands of patrol points: clusters below zoom 13, WebGL symbols from there on. Features are kept by id. */
export function createPointLayer(scale: () => number, textPx: () => number) {
  const source = new VectorSource<Feature<Point>>()
  const placed = new Map<number, PlacedPoint>()
  const clusters = createClusterLayer(textPx)
  let zoom = clusterBelowZoom

  const options = () => ({ source, style: createRules(scale()), minZoom: clusterBelowZoom })
  const symbols = hasGraphicsCard()
    ? new WebGLVectorLayer({ ...options(), disableHitDetection: true })
    : new VectorLayer(options())

  function put(point: WallPoint): void {
    const look = lookOf(point)
    const [x = 0, y = 0] = fromLonLat([point.lon, point.lat])
    const known = source.getFeatureById(point.id)
    if (known) {
      known.getGeometry()?.setCoordinates([x, y])
      if (known.get('look') !== look) known.set('look', look)
    } else {
      const feature = new Feature({ geometry: new Point([x, y]), look, high: point.priority === 1 ? 1 : 0 })
      feature.setId(point.id)
      source.addFeature(feature)
    }
    const place = { id: point.id, x, y, look }
    placed.set(point.id, place)
    clusters.change(place)
  }

  /** Taking in a whole city one feature at a time would tell the layers 7,791 times. */
  function putAll(points: readonly WallPoint[]): void {
    const added: Feature<Point>[] = []
    for (const point of points) {
      const [x = 0, y = 0] = fromLonLat([point.lon, point.lat])
      const look = lookOf(point)
      const feature = new Feature({ geometry: new Point([x, y]), look, high: point.priority === 1 ? 1 : 0 })
      feature.setId(point.id)
      added.push(feature)
      placed.set(point.id, { id: point.id, x, y, look })
    }
    source.addFeatures(added)
  }

  return {
    clusters: clusters.layer,
    symbols,
    open(city: City): void {
      for (const feature of source.getFeatures()) {
        const id = Number(feature.getId())
        if (city.points.has(id)) continue
        source.removeFeature(feature)
        placed.delete(id)
        clusters.forget()
      }
      const points = [...city.points.values()]
      const added = points.filter((point) => !placed.has(point.id))
      if (added.length > 0) clusters.forget()
      putAll(added)
      for (const point of points) put(point)
      this.zoomTo(zoom)
    },
    paint(city: City, ids: Iterable<number>): void {
      for (const id of ids) {
        const point = city.points.get(id)
        if (point) put(point)
      }
    },
    /** Whether points are drawn together at the present zoom. */
    areClustered: () => zoom <= clusterBelowZoom,
    /** @returns the extent of the points that are drawn together nearest to a place, or null where none is */
    clusterAt: (place: Coordinate): Extent | null =>
      zoom <= clusterBelowZoom ? clusters.at(place, placed.values()) : null,
    zoomTo(next: number): void {
      zoom = next
      if (zoom <= clusterBelowZoom)
        clusters.show(Math.min(Math.floor(zoom), clusterBelowZoom - 1), () => placed.values())
    },
    restyle(): void {
      clusters.forget()
      this.zoomTo(zoom)
      symbols.setStyle(createRules(scale()))
    },
    dispose(): void {
      symbols.dispose()
    },
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
  ]
}
