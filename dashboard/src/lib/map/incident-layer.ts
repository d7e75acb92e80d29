import type { Incident } from '@patrol/contract'
import Feature from 'ol/Feature.js'
import LineString from 'ol/geom/LineString.js'
import Point from 'ol/geom/Point.js'
import VectorLayer from 'ol/layer/Vector.js'
import { fromLonLat } from 'ol/proj.js'
import VectorSource from 'ol/source/Vector.js'
import Fill from 'ol/style/Fill.js'
import RegularShape from 'ol/style/RegularShape.js'
import Stroke from 'ol/style/Stroke.js'
import Style from 'ol/style/Style.js'
import Text from 'ol/style/Text.js'
import type { Touched } from '../live/apply-event.ts'
import type { City } from '../live/city.ts'
import { fontFamily, tokens } from '../tokens.ts'

/** Categories are written from this resolution on (about zoom 13). */
const labelUntil = 22

type Place = Pick<Incident, 'lon' | 'lat' | 'priority'> & { title: string; isWaiting: boolean }

const colors: Record<number, string> = { 1: tokens.p1, 2: tokens.p2, 3: tokens.p3 }

/** 110 incidents and tasks ◆: filled while no unit is sent; and a line from each unit to where its order leads. */
export function createIncidentLayer(options: { scale(): number; textPx(): number }) {
  const source = new VectorSource()
  const places = new Map<string, Place>()
  const layer = new VectorLayer({
    source,
    style: (feature, resolution) => {
      const place = places.get(String(feature.getId()))
      return place ? styleOf(place, resolution) : lineStyle
    },
  })
  /** Above the units' symbols, which would cover them; names of units give way to these. */
  const names = new VectorLayer({
    source,
    declutter: 'units',
    style: (feature, resolution) => {
      const place = places.get(String(feature.getId()))
      return place && resolution < labelUntil ? nameOf(place, resolution) : undefined
    },
  })
  const radiusAt = (resolution: number) => (resolution < labelUntil ? 10 : 7) * options.scale()

  function styleOf({ priority, isWaiting }: Place, resolution: number): Style {
    const color = colors[priority] ?? tokens.p3
    const radius = radiusAt(resolution)
    const fill = new Fill({ color: isWaiting ? color : tokens.bg })
    const stroke = new Stroke({ color: isWaiting ? tokens.bg : color, width: 2 })
    const image = new RegularShape({ points: 4, radius, angle: 0, fill, stroke })
    return new Style({ image, zIndex: 4 - priority })
  }

  function nameOf({ priority, title }: Place, resolution: number): Style {
    const text = new Text({
      text: title,
      font: `600 ${options.textPx()}px ${fontFamily}`,
      textAlign: 'right',
      offsetX: -radiusAt(resolution) * 1.5,
      fill: new Fill({ color: tokens.strong }),
      stroke: new Stroke({ color: tokens.bg, width: 4 }),
    })
    return new Style({ text, zIndex: 4 - priority })
  }

  /** Puts, moves or takes away features one by one, so that what stays is not made anew. */
  function draw(city: City): void {
    const seen = new Set<string>()
    const held = [...city.assignments.values()].filter(({ state }) => state !== 'refused')
    for (const { id, lon, lat, priority, category, status } of city.incidents.values()) {
      const title = category
      putPlace(`incident:${id}`, { lon, lat, priority, title, isWaiting: status === 'open' }, seen)
    }
    for (const { id, incidentId, lon, lat, priority, title, state } of city.assignments.values()) {
      if (incidentId === null)
        putPlace(`task:${id}`, { lon, lat, priority, title, isWaiting: state === 'refused' }, seen)
    }
    for (const { id, unitId, lon, lat, state } of held) {
      const from = city.positions.get(unitId)
      if (from && state !== 'on-scene') putLine(`line:${id}`, [from.lon, from.lat], [lon, lat], seen)
    }
    for (const feature of source.getFeatures()) {
      const id = String(feature.getId())
      if (seen.has(id) || id === 'mark') continue
      places.delete(id)
      source.removeFeature(feature)
    }
  }

  function putPlace(id: string, place: Place, seen: Set<string>): void {
    seen.add(id)
    places.set(id, place)
    const at = fromLonLat([place.lon, place.lat])
    const known = source.getFeatureById(id)?.getGeometry()
    if (known instanceof Point) known.setCoordinates(at)
    else addFeature(id, new Point(at))
  }

  function putLine(id: string, from: number[], to: number[], seen: Set<string>): void {
    seen.add(id)
    const ends = [fromLonLat(from), fromLonLat(to)]
    const known = source.getFeatureById(id)?.getGeometry()
    if (known instanceof LineString) known.setCoordinates(ends)
    else addFeature(id, new LineString(ends))
  }

  function addFeature(id: string, geometry: Point | LineString): void {
    const added = new Feature(geometry)
    added.setId(id)
    source.addFeature(added)
  }

  /** Where somebody is about to enter something; null takes it away. */
  function mark(place: { lon: number; lat: number } | null): void {
    const known = source.getFeatureById('mark')
    if (known) source.removeFeature(known)
    places.delete('mark')
    if (place) putPlace('mark', { ...place, priority: 1, title: '', isWaiting: false }, new Set())
  }

  return {
    layer,
    names,
    mark,
    open: draw,
    paint(city: City, touched: Touched): void {
      const hasMoved = () => [...city.assignments.values()].some(({ unitId }) => touched.units.has(unitId))
      if (touched.dispatch || hasMoved()) draw(city)
    },
    restyle(): void {
      layer.changed()
      names.changed()
    },
  }
}

const lineStyle = new Style({
  stroke: new Stroke({ color: tokens.strong, width: 2, lineDash: [8, 6] }),
})
