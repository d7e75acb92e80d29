import type { Evidence } from '@patrol/contract'
import { boundingExtent, createEmpty, extend } from 'ol/extent.js'
import Feature from 'ol/Feature.js'
import type Geometry from 'ol/geom/Geometry.js'
import LineString from 'ol/geom/LineString.js'
import Point from 'ol/geom/Point.js'
import { circular } from 'ol/geom/Polygon.js'
import { defaults as defaultInteractions } from 'ol/interaction/defaults.js'
import VectorLayer from 'ol/layer/Vector.js'
import OlMap from 'ol/Map.js'
import { fromLonLat } from 'ol/proj.js'
import VectorSource from 'ol/source/Vector.js'
import CircleStyle from 'ol/style/Circle.js'
import Fill from 'ol/style/Fill.js'
import RegularShape from 'ol/style/RegularShape.js'
import Stroke from 'ol/style/Stroke.js'
import Style from 'ol/style/Style.js'
import Text from 'ol/style/Text.js'
import View from 'ol/View.js'
import { fontFamily, tokens } from '../tokens.ts'
import { screenZoom } from '../ui/screen-zoom.svelte.ts'
import { createBaseLayer } from './base-layer.ts'
import { createBoundaryLayer } from './boundary-layer.ts'
import { createTiles } from './tiles.ts'

interface Place {
  lon: number
  lat: number
}

const textPx = 14
/** Closer one would look at two symbols on grey. */
const closest = 17.5
/** Neighbouring check-ins further off are told in the list, not by zooming out to them. */
const neighbourhoodMeters = 3_000

/** One check-in on the map: where it should be, where the phone says it was, and where the officer went. */
export function createEvidenceMap(target: HTMLElement, writeTime: (instant: string) => string) {
  const tiles = createTiles()
  const source = new VectorSource()
  const view = new View({
    enableRotation: false,
    minZoom: 9,
    maxZoom: 19,
    center: fromLonLat([120.2, 23]),
    zoom: 11,
  })
  const map = new OlMap({
    target,
    view,
    // Within what is drawn larger (`.zoomed`), still as sharp as the screen.
    pixelRatio: devicePixelRatio * screenZoom.factor,
    controls: [],
    interactions: defaultInteractions({ altShiftDragRotate: false, pinchRotate: false }),
    layers: [createBaseLayer(tiles, () => textPx), createBoundaryLayer(tiles), new VectorLayer({ source })],
  })

  return {
    show(evidence: Evidence): void {
      source.clear()
      const features = [
        ...drawTrack(evidence.track),
        ...drawVisits(evidence, writeTime),
        ...drawPoint(evidence),
        ...drawClaim(evidence),
      ]
      source.addFeatures(features)
      fit(evidence)
    },
    zoomBy: (delta: number) => view.setZoom((view.getZoom() ?? 12) + delta),
    resize: () => map.updateSize(),
    close(): void {
      map.setTarget(undefined)
      map.dispose()
    },
  }

  function fit({ point, position, track, visits }: Evidence): void {
    const near = visits.filter((one) => (one.distanceMeters ?? Infinity) <= neighbourhoodMeters)
    const places = [point, position, ...track, ...near].flatMap((one) =>
      one && one.lon !== null && one.lat !== null ? [fromLonLat([one.lon, one.lat])] : [],
    )
    if (places.length === 0) return
    const extent = extend(createEmpty(), boundingExtent(places))
    view.fit(extent, { size: map.getSize() ?? [1, 1], padding: [70, 70, 70, 70], maxZoom: closest })
  }
}

const at = ({ lon, lat }: Place) => new Point(fromLonLat([lon, lat]))
const ring = ({ lon, lat }: Place, meters: number) =>
  circular([lon, lat], meters, 64).transform('EPSG:4326', 'EPSG:3857')

function feature(geometry: Geometry, ...styles: Style[]): Feature {
  const made = new Feature(geometry)
  made.setStyle(styles)
  return made
}

const label = (text: string, offsetY: number, color: string = tokens.strong) =>
  new Text({
    text,
    offsetY,
    font: `600 ${textPx}px ${fontFamily}`,
    fill: new Fill({ color }),
    stroke: new Stroke({ color: tokens.bg, width: 4 }),
  })

function drawPoint({ point }: Evidence): Feature[] {
  if (point === null) return []
  return [
    feature(
      ring(point, point.radiusMeters),
      new Style({
        stroke: new Stroke({ color: tokens.strong, width: 2 }),
        fill: new Fill({ color: 'rgba(240, 242, 244, 0.08)' }),
      }),
    ),
    feature(
      at(point),
      new Style({
        image: new CircleStyle({ radius: 6, fill: new Fill({ color: tokens.strong }) }),
        text: label(point.name, -18),
      }),
    ),
  ]
}

/** The claimed place: a cross in a dashed ring, and how far it is from where it should be. */
function drawClaim({ point, position }: Evidence): Feature[] {
  if (position === null) return []
  const cross = new RegularShape({
    points: 4,
    radius: 10,
    radius2: 0,
    angle: Math.PI / 4,
    stroke: new Stroke({ color: tokens.p2, width: 3 }),
  })
  const accuracy = new Style({
    stroke: new Stroke({ color: tokens.p2, width: 1.5, lineDash: [6, 5] }),
    fill: new Fill({ color: 'rgba(252, 187, 32, 0.07)' }),
  })
  const line =
    point === null
      ? []
      : [
          feature(
            new LineString([fromLonLat([point.lon, point.lat]), fromLonLat([position.lon, position.lat])]),
            new Style({ stroke: new Stroke({ color: tokens.p2, width: 1.5, lineDash: [2, 5] }) }),
          ),
        ]
  return [
    ...line,
    feature(ring(position, Math.max(1, Math.min(position.accuracyMeters, 20_000))), accuracy),
    feature(at(position), new Style({ image: cross })),
  ]
}

/** Nothing is drawn across a gap. */
function drawTrack(track: Evidence['track']): Feature[] {
  const lines: (typeof track)[] = []
  for (const breadcrumb of track) {
    if (breadcrumb.afterGap || lines.length === 0) lines.push([])
    lines.at(-1)?.push(breadcrumb)
  }
  const dot = new Style({
    image: new CircleStyle({ radius: 2.5, fill: new Fill({ color: tokens.p3 }) }),
  })
  const stroke = new Style({ stroke: new Stroke({ color: tokens.p3, width: 2 }) })
  return [
    ...lines.flatMap((line) =>
      line.length < 2
        ? []
        : [feature(new LineString(line.map(({ lon, lat }) => fromLonLat([lon, lat]))), stroke)],
    ),
    ...track.map((one) => feature(at(one), dot)),
  ]
}

function drawVisits({ visits }: Evidence, writeTime: (instant: string) => string): Feature[] {
  return visits.flatMap(({ lon, lat, checkedInAt }) => {
    if (lon === null || lat === null) return []
    const image = new RegularShape({
      points: 4,
      radius: 7,
      stroke: new Stroke({ color: tokens.normal, width: 2 }),
      fill: new Fill({ color: tokens.bg }),
    })
    return [
      feature(at({ lon, lat }), new Style({ image, text: label(writeTime(checkedInAt), 17, tokens.normal) })),
    ]
  })
}
