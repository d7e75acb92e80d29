import type { PlannedRoute, RouteLines } from '@patrol/contract'
import { boundingExtent, type Extent } from 'ol/extent.js'
import Feature from 'ol/Feature.js'
import LineString from 'ol/geom/LineString.js'
import Point from 'ol/geom/Point.js'
import Translate from 'ol/interaction/Translate.js'
import VectorLayer from 'ol/layer/Vector.js'
import { fromLonLat, toLonLat } from 'ol/proj.js'
import VectorSource from 'ol/source/Vector.js'
import CircleStyle from 'ol/style/Circle.js'
import Fill from 'ol/style/Fill.js'
import Stroke from 'ol/style/Stroke.js'
import Style from 'ol/style/Style.js'
import Text from 'ol/style/Text.js'
import { fontFamily, tokens } from '../tokens.ts'

/** Planned routes: the chosen one strong with numbered stops, the others of the alternative thin. */
export function createPlannedRouteLayer(textPx: () => number) {
  const source = new VectorSource()
  const layer = new VectorLayer({ source, declutter: false, zIndex: 20 })

  function addRoute(route: PlannedRoute, lines: RouteLines | undefined, chosen: boolean): void {
    const colour = chosen ? tokens.p3 : tokens.dim
    for (const { line, onRoad } of lines?.legs ?? []) {
      const feature = new Feature(new LineString(line.map((place) => fromLonLat(place))))
      const stroke = { color: colour, width: chosen ? 4 : 2, ...(onRoad ? {} : { lineDash: [8, 8] }) }
      const casing = new Style({ stroke: new Stroke({ color: tokens.bg, width: chosen ? 7 : 4 }) })
      feature.setStyle([casing, new Style({ stroke: new Stroke(stroke) })])
      source.addFeature(feature)
    }
    if (!chosen) return
    for (const [stop, ...again] of Map.groupBy(route.stops, ({ pointId }) => pointId).values()) {
      if (stop === undefined) continue
      // Visited more than twice, all its numbers would hide the map.
      const label =
        again.length < 2
          ? [stop, ...again].map(({ sequence }) => sequence).join('·')
          : `${stop.sequence} ×${again.length + 1}`
      const feature = new Feature(new Point(fromLonLat([stop.lon, stop.lat])))
      feature.set('sequence', stop.sequence)
      feature.setStyle(
        new Style({
          image: new CircleStyle({
            radius: Math.max(11, 4.5 * label.length),
            fill: new Fill({ color: stop.fixed ? tokens.p3 : tokens.bg }),
            stroke: new Stroke({ color: tokens.p3, width: 2 }),
          }),
          text: new Text({
            text: label,
            font: `600 ${textPx() - 2}px ${fontFamily}`,
            fill: new Fill({ color: stop.fixed ? tokens.bg : tokens.strong }),
          }),
          zIndex: 1_000 - stop.sequence,
        }),
      )
      source.addFeature(feature)
    }
  }

  return {
    layer,
    /** Lets stops be dragged; where one is let go is told, and what is shown after that is the page's answer. */
    makeDrag(onDrop: (sequence: number, place: [lon: number, lat: number]) => void): Translate {
      const drag = new Translate({
        layers: [layer],
        filter: (feature) => feature.get('sequence') !== undefined,
        hitTolerance: 4,
      })
      drag.on('translateend', ({ features, coordinate }) => {
        const sequence: unknown = features.item(0)?.get('sequence')
        const [lon = 0, lat = 0] = toLonLat(coordinate)
        if (typeof sequence === 'number') onDrop(sequence, [lon, lat])
      })
      return drag
    },
    /** @param lines by route id; a route without is drawn when they come */
    show(
      routes: readonly PlannedRoute[],
      lines: ReadonlyMap<string, RouteLines>,
      chosenId: string | null,
    ): void {
      source.clear()
      for (const route of routes) if (route.id !== chosenId) addRoute(route, lines.get(route.id), false)
      for (const route of routes) if (route.id === chosenId) addRoute(route, lines.get(route.id), true)
    },
    /** The place of all stops, or null for none. */
    extentOf(routes: readonly PlannedRoute[]): Extent | null {
      const places = routes.flatMap((route) => route.stops.map(({ lon, lat }) => fromLonLat([lon, lat])))
      return places.length === 0 ? null : boundingExtent(places)
    },
  }
}
