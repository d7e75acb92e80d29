import type { Incident, Unit, UnitPosition, WallPoint } from '@patrol/contract'
import type { Coordinate } from 'ol/coordinate.js'
import { fromLonLat } from 'ol/proj.js'
import type { City } from '../live/city.ts'

export type Selection =
  | { kind: 'incident'; incident: Incident }
  | { kind: 'unit'; unit: Unit; position: UnitPosition }
  | { kind: 'point'; point: WallPoint }

/** Which kinds of things lie on the map to be picked. */
export type Pickable = ReadonlySet<Selection['kind']>

/** What is drawn above comes first. */
const order: Record<Selection['kind'], number> = { incident: 0, unit: 1, point: 2 }

/**
 * Everything near a place: incidents, then units, then patrol points, the nearest of each first. A plain search: ten
 * thousand distances take about a millisecond, and need no symbols drawn in hidden colours to be read back from the graphics card.
 * @param reach in map units; nothing farther is meant
 */
export function pickAll(city: City, [x = 0, y = 0]: Coordinate, reach: number, kinds: Pickable): Selection[] {
  const found: { selection: Selection; distance: number }[] = []
  const offer = (lon: number, lat: number, make: () => Selection) => {
    const [px = 0, py = 0] = fromLonLat([lon, lat])
    const distance = Math.hypot(px - x, py - y)
    if (distance <= reach) found.push({ selection: make(), distance })
  }
  if (kinds.has('incident')) {
    for (const incident of city.incidents.values())
      offer(incident.lon, incident.lat, () => ({ kind: 'incident', incident }))
  }
  if (kinds.has('unit')) {
    for (const unit of city.units.values()) {
      const position = city.positions.get(unit.id)
      if (position) offer(position.lon, position.lat, () => ({ kind: 'unit', unit, position }))
    }
  }
  if (kinds.has('point')) {
    for (const point of city.points.values()) offer(point.lon, point.lat, () => ({ kind: 'point', point }))
  }
  return found
    .sort((a, b) => order[a.selection.kind] - order[b.selection.kind] || a.distance - b.distance)
    .map(({ selection }) => selection)
}

/** @returns where a selected thing is now; null when it is gone */
export function placeOfSelection(city: City, selection: Selection): { lon: number; lat: number } | null {
  switch (selection.kind) {
    case 'incident':
      return city.incidents.get(selection.incident.id) ?? null
    case 'unit':
      return city.positions.get(selection.unit.id) ?? null
    case 'point':
      return city.points.get(selection.point.id) ?? null
  }
}

/** One name for one thing, to tell whether two selections are the same. */
export function nameSelection(selection: Selection): string {
  switch (selection.kind) {
    case 'incident':
      return `incident:${selection.incident.id}`
    case 'unit':
      return `unit:${selection.unit.id}`
    case 'point':
      return `point:${selection.point.id}`
  }
}
