import type { Alert, AssignmentState, Heat, NamedRouteLines, PlannedRoute } from '@patrol/contract'
import type { Coordinate } from 'ol/coordinate.js'
import type { Extent } from 'ol/extent.js'
import { boundingExtent } from 'ol/extent.js'
import { defaults as defaultInteractions } from 'ol/interaction/defaults.js'
import OlMap from 'ol/Map.js'
import { fromLonLat, toLonLat } from 'ol/proj.js'
import View from 'ol/View.js'
import type { Tracks } from '../api.ts'
import { isUnacknowledged } from '../live/alert-order.ts'
import type { Touched } from '../live/apply-event.ts'
import type { City, Precinct } from '../live/city.ts'
import { createAlertRings, placeOf } from './alert-rings.ts'
import { createBaseLayer } from './base-layer.ts'
import { createBoundaryLabels, createBoundaryLayer } from './boundary-layer.ts'
import { hasGraphicsCard } from './graphics-card.ts'
import { createHeatLayer } from './heat-layer.ts'
import { createIncidentLayer } from './incident-layer.ts'
import { usualLayers, type LayerName } from './map-layers.ts'
import { createMeasureLayer } from './measure-layer.ts'
import { createOwnLayers } from './own-layer.ts'
import { pickAll, type Selection } from './pick.ts'
import { createPointLayer } from './point-layer.ts'
import { createOutsideLayer } from './outside-layer.ts'
import { createPicture } from './picture.ts'
import { createRouteLayer } from './route-layer.ts'
import { createSelectionLayer } from './selection-layer.ts'
import { createTiles } from './tiles.ts'
import { gapMs as trailGapMs, trailMs } from './trail.ts'
import { createTrailLayer } from './trail-layer.ts'
import { createUnitLayer } from './unit-layer.ts'

export interface CityMapOptions {
  target: HTMLElement
  /** Symbol size against the 1920-wide layout; may change with the screen. */
  scale(): number
  /** Smallest text, in pixels. */
  textPx(): number
  readClock(): number
  readTracks(sinceMs: number): Promise<Tracks>
  writeMinutesOld(minutes: number): string
  writePrecinct(precinct: Precinct): string
  /** The name of a station or beat. */
  writeArea(area: { name: string; nameEn: string }): string
  readHeat(): Promise<Heat>
  /** Those that are assigned. */
  readRoutes(): Promise<PlannedRoute[]>
  /** The ways of those routes on the map. */
  readRouteLines(): Promise<NamedRouteLines[]>
  /** What a unit is doing for its order, such as 派遣中. */
  writeOrder(state: AssignmentState): string
}

/** Tainan, until a snapshot says what the screen's scope covers. */
const tainan = boundingExtent([fromLonLat([120.02, 22.88]), fromLonLat([120.66, 23.42])])
const growMs = 10_000

const closeZoom = 15
const reachPx = 14

/** Reduced motion: there at once. */
function calmly(ms: number): number {
  return matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : ms
}

export type CityMap = ReturnType<typeof createCityMap>

/** The one map of a screen: layers bottom to top as in the design, each keeping its own features. */
export function createCityMap(options: CityMapOptions) {
  const tiles = createTiles()
  const isPlain = !hasGraphicsCard()
  /** Layers that keep a picture of their own make it wider than the map, unless all layers are in one that is. */
  const imageRatio = isPlain ? 1 : 1.5
  const labels = createBoundaryLabels(options.textPx, options.writePrecinct, options.scale)
  const trails = createTrailLayer(options.scale, options.readClock, imageRatio)
  const points = createPointLayer(options.scale, options.textPx)
  const incidents = createIncidentLayer(options)
  const units = createUnitLayer(options)
  const heat = createHeatLayer(options.readHeat, imageRatio)
  const routes = createRouteLayer(options)
  const own = createOwnLayers(options.textPx)
  const selected = createSelectionLayer(options.scale)
  const base = createBaseLayer(tiles, options.textPx)
  const outside = createOutsideLayer(options.textPx)
  const boundaries = createBoundaryLayer(tiles, options.textPx, options.writeArea, options.scale)
  const ground = [base, outside, heat.layer]
  const lines = [boundaries, labels.layer, own.layer, routes.layer, trails.layer]
  // Of the whole city one must see where something is late, through hundreds of units: clusters lie above them.
  const live = [points.symbols, incidents.layer, units.symbols, points.clusters, selected.layer]
  // Apart, since a layer whose names give way to each other makes all others of its picture slower.
  const names = [units.names, incidents.names]
  // Ground and lines apart, since together they would hold up the page for twice as long.
  const pictures = isPlain ? [ground, lines, live, names].map(createPicture) : []
  const view = new View({ enableRotation: false, minZoom: 8, maxZoom: 19 })
  /** The view that the points are drawn for. */
  const drawnView = pictures[2]?.view ?? view
  const map = new OlMap({
    target: options.target,
    view,
    controls: [],
    interactions: defaultInteractions({ altShiftDragRotate: false, pinchRotate: false }),
    layers: isPlain ? pictures.map(({ layer }) => layer) : [...ground, ...lines, ...live, ...names],
  })
  const switched: Record<LayerName, readonly { setVisible(visible: boolean): void }[]> = {
    base: [base],
    outside: [outside],
    boundaries: [boundaries, labels.layer],
    heat: [{ setVisible: (visible) => heat.show(visible) }],
    own: [own.layer],
    routes: [{ setVisible: (visible) => routes.show(visible) }],
    trails: [trails.layer],
    points: [points.symbols, points.clusters],
    incidents: [incidents.layer, incidents.names],
    units: [units.symbols, units.names],
  }
  let shown: readonly LayerName[] = usualLayers
  let tellMeasured: (value: number | null) => void = () => undefined
  const measure = createMeasureLayer(map, (value) => tellMeasured(value))
  map.addLayer(measure.layer)
  const rings = createAlertRings(map)
  let whole: Extent = tainan
  let city: City | null = null
  let isPlaced = false
  let openedAt = -Infinity
  /** What was fitted last, and where that put the view: from there on somebody may have moved it. */
  let fitted: { extent: Extent; resolution: number | undefined } = { extent: tainan, resolution: undefined }
  view.fit(whole, { size: map.getSize() ?? [1, 1] })
  drawnView.on('change:resolution', () => points.zoomTo(drawnView.getZoom() ?? 0))
  const timer = setInterval(() => {
    if (!city) return
    units.grow(city, alertedUnits(city))
    trails.fade()
    void heat.refresh()
    void routes.refresh()
  }, growMs)

  function fit(extent: Extent = whole): void {
    const size = map.getSize()
    const margin = 0.03 * Math.min(...(size ?? [0]))
    if (size) view.fit(extent, { size, padding: [margin, margin, margin, margin] })
    fitted = { extent, resolution: view.getResolution() }
  }

  /** Another size of the window fits the same extent anew, unless somebody has zoomed. */
  map.on('change:size', () => {
    if (view.getResolution() === fitted.resolution) fit(fitted.extent)
  })

  return {
    map,
    tiles,
    textPx: options.textPx,
    units,
    incidents,
    placeOf: (alert: Alert) => (city ? placeOf(alert, city) : null),
    open(next: City): void {
      city = next
      // Another time than that of the trails (a seek of the playback) has other trails.
      const clock = options.readClock()
      const isJump = clock < openedAt || clock - openedAt > trailGapMs
      openedAt = clock
      points.open(next)
      units.open(next, alertedUnits(next))
      incidents.open(next)
      labels.open(next)
      selected.open(next)
      rings.paint(next)
      if (next.points.size > 0) {
        whole = boundingExtent([...next.points.values()].map(({ lon, lat }) => fromLonLat([lon, lat])))
      }
      // The map never moves by itself once somebody looks at it.
      if (!isPlaced) fit()
      isPlaced = true
      if (isJump) {
        trails.clear()
        void loadTrails()
      }
    },
    paint(next: City, touched: Touched): void {
      points.paint(next, touched.points)
      units.paint(next, touched.units, alertedUnits(next))
      incidents.paint(next, touched)
      trails.paint(next, touched.units)
      selected.paint(next, touched)
      rings.paint(next)
    },
    whenDrawn: (): Promise<unknown> =>
      isPlain
        ? Promise.all(pictures.map((picture) => picture.whenDrawn()))
        : new Promise(requestAnimationFrame),
    fit,
    /** @returns the extent of a precinct's points, or null when it has none */
    extentOf(precinctId: number): Extent | null {
      const places = [...(city?.points.values() ?? [])]
        .filter((point) => point.precinctId === precinctId)
        .map(({ lon, lat }) => fromLonLat([lon, lat]))
      return places.length === 0 ? null : boundingExtent(places)
    },
    zoomBy(delta: number): void {
      view.animate({ zoom: (view.getZoom() ?? 10) + delta, duration: calmly(150) })
    },
    /** Only when somebody asks to see a place. */
    show(place: Coordinate): void {
      view.animate({ center: place, zoom: Math.max(view.getZoom() ?? 0, closeZoom), duration: calmly(300) })
    },
    /** That place at that zoom, as it was sent from another map. */
    showExactly(place: Coordinate, zoom: number): void {
      view.animate({ center: place, zoom, duration: calmly(300) })
    },
    /** Where the map is now. */
    readPlace(): { lon: number; lat: number; zoom: number } {
      const [lon = 0, lat = 0] = toLonLat(view.getCenter() ?? [0, 0])
      return { lon, lat, zoom: view.getZoom() ?? 10 }
    },
    /** Everything within a finger's width of a place of the screen, what is drawn above first; of hidden layers nothing. */
    pick(pixel: number[]): Selection[] {
      const place = map.getCoordinateFromPixel(pixel)
      if (!city || !place) return []
      const kinds = new Set<Selection['kind']>()
      if (shown.includes('incidents')) kinds.add('incident')
      if (shown.includes('units')) kinds.add('unit')
      if (shown.includes('points') && !points.areClustered()) kinds.add('point')
      return pickAll(city, place, (view.getResolution() ?? 1) * reachPx, kinds)
    },
    /** Goes nearer to the cluster of points under a place of the screen. @returns whether there is one */
    openCluster(pixel: number[]): boolean {
      const place = map.getCoordinateFromPixel(pixel)
      const extent = place && shown.includes('points') ? points.clusterAt(place) : null
      if (!extent) return false
      view.fit(extent, { padding: [60, 60, 60, 60], maxZoom: closeZoom, duration: calmly(300) })
      return true
    },
    /** Whether nearer would show more apart; at the nearest a list must. */
    isNearest: () => (view.getZoom() ?? 0) >= view.getMaxZoom() - 0.5,
    select: selected.select,
    showLayers(names: readonly LayerName[]): void {
      shown = names
      for (const [name, layers] of Object.entries(switched))
        for (const layer of layers) layer.setVisible(names.some((one) => one === name))
    },
    own,
    /** The base map from outside, where the settings name one. */
    openOutside: outside.open,
    measure: {
      ...measure,
      /** Who is told what was measured so far. */
      onMeasured(tell: (value: number | null) => void): void {
        tellMeasured = tell
      },
      addCornerInMiddle: () => measure.addCorner(view.getCenter() ?? [0, 0]),
    },
    /** The screen's size or language changed. */
    restyle(): void {
      map.updateSize()
      for (const layer of [labels, routes, trails, points, incidents, units, selected]) layer.restyle()
      base.changed()
      boundaries.changed()
    },
    close(): void {
      clearInterval(timer)
      map.setTarget(undefined)
      for (const picture of pictures) picture.dispose()
      points.dispose()
      map.dispose()
    },
  }

  async function loadTrails(): Promise<void> {
    try {
      trails.load(await options.readTracks(options.readClock() - trailMs))
    } catch (error) {
      // Trails then begin with what comes from now on; the wall is whole without them.
      console.warn('past trails not loaded', error)
    }
  }
}

function alertedUnits(city: City): Set<string> {
  const callSigns = new Set<string>()
  for (const alert of city.alerts.values()) {
    if (alert.subject.callSign && isUnacknowledged(alert)) callSigns.add(alert.subject.callSign)
  }
  return callSigns
}
