import Feature from 'ol/Feature.js'
import MultiLineString from 'ol/geom/MultiLineString.js'
import Point from 'ol/geom/Point.js'
import VectorImageLayer from 'ol/layer/VectorImage.js'
import { fromLonLat } from 'ol/proj.js'
import VectorSource from 'ol/source/Vector.js'
import Fill from 'ol/style/Fill.js'
import RegularShape from 'ol/style/RegularShape.js'
import Stroke from 'ol/style/Stroke.js'
import Style from 'ol/style/Style.js'
import type { Tracks } from '../api.ts'
import type { City } from '../live/city.ts'
import { extendTrail, splitTrail, trailSteps, type TrailPlace } from './trail.ts'

const opacities = [0.75, 0.42, 0.2]
/** Trails are drawn again this often; a unit moves a few pixels in between. */
const redrawMs = 5_000
/** Arrowheads are drawn from this resolution on; of the whole city they would be specks. */
const arrowUntil = 22

/** The last half hour of every unit, fading. Kept here from the positions as they come; the past comes once, by HTTP. */
export function createTrailLayer(scale: () => number, readClock: () => number, imageRatio: number) {
  const source = new VectorSource<Feature<MultiLineString>>()
  const trails = new Map<number, TrailPlace[]>()
  const changed = new Set<number>()
  let drawnAt = 0
  let styles = createStyles(scale())
  // Drawn anew every few seconds only; while the map is dragged, their picture is.
  const layer = new VectorImageLayer({
    source,
    imageRatio,
    style: (feature, resolution) => {
      const step = Number(feature.get('step'))
      const line = styles[step]
      const geometry = feature.getGeometry()
      if (!line || resolution > arrowUntil || !(geometry instanceof MultiLineString)) return line
      return [line, ...createArrows(geometry, step, scale())]
    },
  })

  function draw(unitId: number, now: number): void {
    const steps = splitTrail(trails.get(unitId) ?? [], now)
    for (const [step, lines] of steps.entries()) {
      const id = `${unitId}/${step}`
      const feature = source.getFeatureById(id)
      if (lines.length === 0) {
        if (feature) source.removeFeature(feature)
      } else if (feature) feature.getGeometry()?.setCoordinates(lines)
      else {
        const added = new Feature({ geometry: new MultiLineString(lines), step })
        added.setId(id)
        source.addFeature(added)
      }
    }
  }

  return {
    layer,
    clear(): void {
      trails.clear()
      changed.clear()
      source.clear()
    },
    /** Puts the past of the units under what has come since. */
    load(tracks: Tracks): void {
      for (const { geometry, properties } of tracks.features) {
        const since = trails.get(properties.unitId) ?? []
        const trail: TrailPlace[] = []
        for (const [i, coordinate] of geometry.coordinates.entries()) {
          const [x = 0, y = 0] = fromLonLat(coordinate)
          extendTrail(trail, { x, y, at: Date.parse(properties.times[i] ?? '') })
        }
        for (const place of since) extendTrail(trail, place)
        trails.set(properties.unitId, trail)
        changed.add(properties.unitId)
      }
      // At once: in a playback that stands nothing else draws them.
      const now = readClock()
      for (const id of changed) draw(id, now)
      changed.clear()
    },
    paint(city: City, unitIds: Iterable<number>): void {
      for (const id of unitIds) {
        const position = city.positions.get(id)
        if (!city.units.has(id) || !position) trails.delete(id)
        else {
          const [x = 0, y = 0] = fromLonLat([position.lon, position.lat])
          const trail = trails.get(id) ?? []
          extendTrail(trail, { x, y, at: Date.parse(position.recordedAt) })
          trails.set(id, trail)
        }
        changed.add(id)
      }
      const local = performance.now()
      if (local - drawnAt < redrawMs || changed.size === 0) return
      drawnAt = local
      const now = readClock()
      for (const id of changed) draw(id, now)
      changed.clear()
    },
    /** Trails of units that stand still fade too. */
    fade(): void {
      const now = readClock()
      for (const id of trails.keys()) draw(id, now)
    },
    restyle(): void {
      styles = createStyles(scale())
      layer.changed()
    },
  }
}

/** One arrowhead in the middle of each line, in the direction of travel. */
function createArrows(trail: MultiLineString, step: number, scale: number): Style[] {
  return trail.getCoordinates().flatMap((line) => {
    const middle = Math.floor(line.length / 2)
    const [fromX = 0, fromY = 0] = line[middle - 1] ?? []
    const [toX = 0, toY = 0] = line[middle] ?? []
    if (line.length < 2) return []
    const image = new RegularShape({
      points: 3,
      radius: 6 * scale,
      // Screen angles run clockwise from north.
      rotation: Math.atan2(toX - fromX, toY - fromY),
      fill: new Fill({ color: `rgba(166, 171, 178, ${opacities[step] ?? 0.2})` }),
    })
    return new Style({ geometry: new Point([(fromX + toX) / 2, (fromY + toY) / 2]), image })
  })
}

function createStyles(scale: number): Style[] {
  return Array.from({ length: trailSteps }, (_, step) => {
    const color = `rgba(148, 153, 158, ${opacities[step] ?? 0.2})`
    return new Style({
      stroke: new Stroke({ color, width: 2 * scale, lineCap: 'round' }),
      zIndex: trailSteps - step,
    })
  })
}
