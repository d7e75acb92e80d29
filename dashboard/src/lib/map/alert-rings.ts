import type { Alert } from '@patrol/contract'
import type OlMap from 'ol/Map.js'
import Overlay from 'ol/Overlay.js'
import { fromLonLat } from 'ol/proj.js'
import type { Coordinate } from 'ol/coordinate.js'
import { isUnacknowledged } from '../live/alert-order.ts'
import type { City } from '../live/city.ts'

/** @returns where an alert is, in map coordinates; null when it is about no place */
export function placeOf(alert: Alert, city: City): Coordinate | null {
  const { lon, lat, pointId } = alert.subject
  if (lon !== undefined && lat !== undefined) return fromLonLat([lon, lat])
  const point = pointId === undefined ? undefined : city.points.get(pointId)
  return point ? fromLonLat([point.lon, point.lat]) : null
}

export function isPressing(alert: Alert): boolean {
  return alert.priority === 1 && isUnacknowledged(alert)
}

/** A pulsing ring around each place with an unacknowledged P1; elements over the map, so that the map itself rests. */
export function createAlertRings(map: OlMap) {
  const rings = new Map<number, Overlay>()
  return {
    paint(city: City): void {
      for (const [id, ring] of rings) {
        const alert = city.alerts.get(id)
        if (alert && isPressing(alert)) continue
        map.removeOverlay(ring)
        rings.delete(id)
      }
      for (const alert of city.alerts.values()) {
        const place = isPressing(alert) && !rings.has(alert.id) ? placeOf(alert, city) : null
        if (!place) continue
        const element = document.createElement('div')
        element.className = 'p1-ring'
        const ring = new Overlay({ element, position: place, positioning: 'center-center', stopEvent: false })
        rings.set(alert.id, ring)
        map.addOverlay(ring)
      }
    },
  }
}
