import type { WallPoint } from '@patrol/contract'
import type { Coordinate } from 'ol/coordinate.js'
import { containsXY, type Extent } from 'ol/extent.js'
import { fromLonLat } from 'ol/proj.js'
import VectorSource from 'ol/source/Vector.js'
import type { City } from '../live/city.ts'
import { clusterBelowZoom, createClusterLayer, type PlacedPoint } from './cluster-layer.ts'
import { hasGraphicsCard } from './graphics-card.ts'
import { findOutOfService, lookOf } from './point-look.ts'
import { drawPoint } from './point-symbol.ts'
import { createWebglPoints } from './point-webgl.ts'
import { createSpriteLayer } from './sprite-layer.ts'

/** Thousands of patrol points: clusters below zoom 13, single symbols from there on. */
export function createPointLayer(scale: () => number, textPx: () => number) {
  const placed = new Map<number, PlacedPoint>()
  const clusters = createClusterLayer(textPx)
  const symbols = hasGraphicsCard() ? createWebglPoints(scale) : createSpritePoints(scale, placed)
  let zoom = clusterBelowZoom

  function place(point: WallPoint, out: ReadonlySet<number>): PlacedPoint {
    const [x = 0, y = 0] = fromLonLat([point.lon, point.lat])
    const made = { id: point.id, x, y, look: lookOf(point, out), isHigh: point.priority === 1 }
    placed.set(point.id, made)
    clusters.change(made)
    return made
  }

  return {
    clusters: clusters.layer,
    symbols: symbols.layer,
    open(city: City): void {
      const gone = [...placed.keys()].filter((id) => !city.points.has(id))
      for (const id of gone) {
        placed.delete(id)
        symbols.remove(id)
      }
      // Others than before are counted anew.
      if (gone.length > 0 || [...city.points.keys()].some((id) => !placed.has(id))) clusters.forget()
      const out = findOutOfService(city.alerts.values())
      symbols.put([...city.points.values()].map((point) => place(point, out)))
      this.zoomTo(zoom)
    },
    paint(city: City, ids: Iterable<number>): void {
      const points = [...ids].flatMap((id) => city.points.get(id) ?? [])
      if (points.length === 0) return
      const out = findOutOfService(city.alerts.values())
      symbols.put(points.map((point) => place(point, out)))
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
      symbols.restyle()
    },
    dispose: () => symbols.layer.dispose(),
  }
}

/** Without a graphics card. */
function createSpritePoints(scale: () => number, placed: ReadonlyMap<number, PlacedPoint>) {
  const source = new VectorSource()
  const layer = createSpriteLayer(
    source,
    (put, extent) => {
      for (const { x, y, look, isHigh } of placed.values())
        if (containsXY(extent, x, y)) put(x, y, drawPoint(look, isHigh, scale()))
    },
    { minZoom: clusterBelowZoom },
  )
  const redraw = () => source.changed()
  return { layer, put: redraw, remove: redraw, restyle: redraw }
}
