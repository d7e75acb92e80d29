import type { Coordinate } from 'ol/coordinate.js'
import { boundingExtent, type Extent } from 'ol/extent.js'
import Feature from 'ol/Feature.js'
import Point from 'ol/geom/Point.js'
import VectorLayer from 'ol/layer/Vector.js'
import VectorSource from 'ol/source/Vector.js'
import CircleStyle from 'ol/style/Circle.js'
import Fill from 'ol/style/Fill.js'
import RegularShape from 'ol/style/RegularShape.js'
import Stroke from 'ol/style/Stroke.js'
import Style from 'ol/style/Style.js'
import Text from 'ol/style/Text.js'
import { fontFamily, tokens } from '../tokens.ts'
import { ClusterGrid, type Cell } from './cluster-grid.ts'
import type { PointLook } from './point-look.ts'

/** Points are drawn one by one from this zoom on. */
export const clusterBelowZoom = 13

export interface PlacedPoint {
  id: number
  x: number
  y: number
  look: PointLook
  /** Of high risk. */
  isHigh: boolean
}

interface Band {
  grid: ClusterGrid
  source: VectorSource<Feature<Point>>
}

/** Clusters for one whole zoom level each, kept up to date together; only those of the present level are drawn. */
export function createClusterLayer(textPx: () => number) {
  const bands = new Map<number, Band>()
  const styles = new Map<string, Style>()
  const layer = new VectorLayer<VectorSource<Feature<Point>>>({
    maxZoom: clusterBelowZoom,
    style: (feature) => {
      const cell: unknown = feature.get('cell')
      return isCell(cell) ? styleOf(cell) : undefined
    },
  })

  function styleOf(cell: Cell): Style {
    const px = textPx()
    const size = Math.round(Math.min(1, 0.35 + Math.log10(cell.count) / 3) * 10)
    const key = `${cell.late}|${cell.late > 0 ? 0 : size}|${cell.due > 0}|${px}`
    const known = styles.get(key)
    if (known) return known
    const style = cell.late > 0 ? styleLate(cell, px) : styleQuiet(size / 10, cell.due > 0, px)
    if (styles.size > 3_000) styles.clear()
    styles.set(key, style)
    return style
  }

  function openBand(zoom: number, points: Iterable<PlacedPoint>): Band {
    // Squares of about two and a half letters at the level's own resolution.
    const resolution = 156_543.034 / 2 ** zoom
    const band: Band = { grid: new ClusterGrid(resolution * textPx() * 2.4), source: new VectorSource() }
    for (const point of points) band.grid.put(point.id, point.x, point.y, point.look)
    band.source.addFeatures([...band.grid.cells.values()].map(createFeature))
    bands.set(zoom, band)
    return band
  }

  return {
    layer,
    /** Shows the clusters of a whole zoom level, counting them if they were not yet. */
    show(zoom: number, points: () => Iterable<PlacedPoint>): void {
      const band = bands.get(zoom) ?? openBand(zoom, points())
      if (layer.getSource() !== band.source) layer.setSource(band.source)
    },
    change(point: PlacedPoint): void {
      for (const { grid, source } of bands.values()) {
        const cell = grid.put(point.id, point.x, point.y, point.look)
        if (!cell) continue
        const feature = source.getFeatureById(cell.key)
        // Tells the layer; the middle moves only when a point has come.
        if (feature) feature.getGeometry()?.setCoordinates(middleOf(cell))
        else source.addFeature(createFeature(cell))
      }
    },
    /** @returns the extent of the points in the square drawn nearest to a place, or null where none is near */
    at(place: Coordinate, points: Iterable<PlacedPoint>): Extent | null {
      const band = [...bands.values()].find(({ source }) => source === layer.getSource())
      const feature = band?.source.getClosestFeatureToCoordinate(place)
      const cell: unknown = feature?.get('cell')
      const [x = 0, y = 0] = feature?.getGeometry()?.getCoordinates() ?? []
      if (
        !band ||
        !isCell(cell) ||
        Math.hypot(x - (place[0] ?? 0), y - (place[1] ?? 0)) > band.grid.cellMeters
      )
        return null
      const inside = [...points].filter((point) => band.grid.keyOf(point.x, point.y) === cell.key)
      return inside.length === 0 ? null : boundingExtent(inside.map((point) => [point.x, point.y]))
    },
    /** The squares depend on the size of the text: another screen size counts anew. */
    forget(): void {
      bands.clear()
    },
  }
}

function middleOf(cell: Cell): number[] {
  return [cell.sumX / cell.count, cell.sumY / cell.count]
}

function createFeature(cell: Cell): Feature<Point> {
  const feature = new Feature(new Point(middleOf(cell)))
  feature.set('cell', cell, true)
  feature.setId(cell.key)
  return feature
}

function isCell(value: unknown): value is Cell {
  return typeof value === 'object' && value !== null && 'late' in value
}

function styleLate(cell: Cell, px: number): Style {
  return new Style({
    image: new RegularShape({
      points: 3,
      radius: px * 0.42,
      displacement: [0, 0],
      fill: new Fill({ color: tokens.p2 }),
      stroke: new Stroke({ color: tokens.bg, width: 1.5 }),
    }),
    text: new Text({
      text: String(cell.late),
      font: `600 ${px}px ${fontFamily}`,
      textAlign: 'left',
      offsetX: px * 0.45,
      offsetY: px * 0.05,
      fill: new Fill({ color: tokens.p2 }),
      stroke: new Stroke({ color: tokens.bg, width: 4 }),
    }),
    zIndex: 1_000 + cell.late,
  })
}

/** Nothing late: a quiet grey disc, larger where there are more points; a ring while some are due. */
function styleQuiet(size: number, isDue: boolean, px: number): Style {
  return new Style({
    image: new CircleStyle({
      radius: px * 0.45 * size,
      fill: new Fill({ color: isDue ? 'rgba(0,0,0,0)' : '#34383c' }),
      stroke: new Stroke({ color: isDue ? tokens.dim : '#4c5156', width: isDue ? 1.6 : 1 }),
    }),
    zIndex: 1,
  })
}
