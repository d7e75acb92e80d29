import type { NamedRouteLines, PlannedRoute, RouteLines } from '@patrol/contract'
import Feature from 'ol/Feature.js'
import LineString from 'ol/geom/LineString.js'
import Point from 'ol/geom/Point.js'
import VectorLayer from 'ol/layer/Vector.js'
import { fromLonLat } from 'ol/proj.js'
import VectorSource from 'ol/source/Vector.js'
import Fill from 'ol/style/Fill.js'
import Stroke from 'ol/style/Stroke.js'
import Style from 'ol/style/Style.js'
import Text from 'ol/style/Text.js'
import { fontFamily, tokens } from '../tokens.ts'

/** Stops are numbered from this resolution on (about zoom 13). */
const numberUntil = 22
/** Routes are asked for again after this long, while they are shown. */
const staleMs = 60_000
/** Blue as steel: none of the colours that ask for somebody. */
const color = '#7d93b8'

const casing = new Style({ stroke: new Stroke({ color: tokens.bg, width: 4 }) })
const byRoad = [casing, new Style({ stroke: new Stroke({ color, width: 1.8 }) })]
/** Dashed as in the planner: an estimate, straight from stop to stop where no road is known. */
const straight = [casing, new Style({ stroke: new Stroke({ color, width: 1.8, lineDash: [7, 5] }) })]

/** The routes that units on duty follow now, in the order of their stops. Asked for when first shown. */
export function createRouteLayer(options: {
  textPx(): number
  readClock(): number
  readRoutes(): Promise<PlannedRoute[]>
  readRouteLines(): Promise<NamedRouteLines[]>
}) {
  const source = new VectorSource<Feature>()
  const layer = new VectorLayer({
    source,
    visible: false,
    style: (feature, resolution) => {
      if (feature.getGeometry() instanceof LineString)
        return feature.get('onRoad') === true ? byRoad : straight
      if (resolution >= numberUntil) return undefined
      const callSign: unknown = feature.get('callSign')
      const stop = writeStop(String(feature.get('number')))
      return typeof callSign === 'string' ? [stop, writeCallSign(callSign)] : stop
    },
  })
  let routes: readonly PlannedRoute[] = []
  /** By `writeVersion`: the way of a route goes with its stops. */
  let ways: ReadonlyMap<string, RouteLines['legs']> = new Map()
  let askedAt = -Infinity
  /** What was drawn last: every minute the same is asked for, and seldom is it another. */
  let drawn = ''

  /** Above the stop: on it lies the symbol of its point. */
  function writeStop(text: string): Style {
    return new Style({
      text: new Text({
        text,
        font: `600 ${options.textPx()}px ${fontFamily}`,
        offsetY: -options.textPx(),
        fill: new Fill({ color: tokens.text }),
        stroke: new Stroke({ color: tokens.bg, width: 4 }),
      }),
    })
  }

  /** Beside the first stop. */
  function writeCallSign(text: string): Style {
    return new Style({
      text: new Text({
        text,
        font: `${options.textPx()}px ${fontFamily}`,
        textAlign: 'right',
        offsetX: -options.textPx(),
        fill: new Fill({ color }),
        stroke: new Stroke({ color: tokens.bg, width: 4 }),
      }),
    })
  }

  function draw(): void {
    const now = options.readClock()
    const followed = routes.filter(
      ({ startsAt, endsAt }) => Date.parse(startsAt) <= now && now < Date.parse(endsAt),
    )
    const wanted = followed
      .map((route) => `${writeVersion(route)} ${ways.get(writeVersion(route))?.length ?? '-'}`)
      .join('\n')
    if (wanted === drawn) return
    drawn = wanted
    source.clear(true)
    source.addFeatures(
      followed.flatMap((route) => {
        const { callSign, stops } = route
        const places = stops.map(({ lon, lat }) => fromLonLat([lon, lat]))
        const known = ways.get(writeVersion(route))?.map(({ line, onRoad }) => ({
          places: line.map((place) => fromLonLat(place)),
          onRoad,
        }))
        // Until its way is known, straight from stop to stop.
        const guess = places.length > 1 ? [{ places, onRoad: false }] : []
        const legs = (known ?? guess).map(
          ({ places, onRoad }) => new Feature({ geometry: new LineString(places), onRoad }),
        )
        const numbers = places.map(
          (place, nr) =>
            new Feature({ geometry: new Point(place), number: nr + 1, ...(nr === 0 ? { callSign } : {}) }),
        )
        return [...legs, ...numbers]
      }),
    )
  }

  async function refresh(): Promise<void> {
    if (!layer.getVisible() || performance.now() - askedAt < staleMs) return
    askedAt = performance.now()
    try {
      routes = await options.readRoutes()
      draw()
      if (routes.some((route) => !ways.has(writeVersion(route)))) {
        const lines = new Map((await options.readRouteLines()).map(({ id, legs }) => [id, legs]))
        ways = new Map(routes.map((route) => [writeVersion(route), lines.get(route.id) ?? []]))
        draw()
      }
    } catch (error) {
      askedAt = -Infinity
      console.warn('planned routes not loaded', error)
    }
  }

  return {
    layer,
    refresh,
    show(visible: boolean): void {
      layer.setVisible(visible)
      void refresh()
    },
    restyle: () => layer.changed(),
  }
}

/** Another one for the same route once its stops were changed. */
const writeVersion = ({ id, stops }: PlannedRoute): string =>
  `${id} ${stops.map(({ pointId }) => pointId).join(' ')}`
