import type { FeatureCollection, Point } from 'geojson'
import type { PlaybackScene } from '@patrol/contract'

/**
 * A scene as one collection of points: units, patrol points with the state of their window, incidents, and the alerts that are
 * about a place. RFC 7946.
 */
export function writeSceneGeoJson(scene: PlaybackScene): FeatureCollection<Point> & { at: string } {
  const at = (lon: number, lat: number): Point => ({ type: 'Point', coordinates: [lon, lat] })
  const points = new Map(scene.points.map((point) => [point.id, point]))
  const placeOf = ({ subject }: PlaybackScene['alerts'][number]): Point | null => {
    const { lon, lat, pointId } = subject
    if (lon !== undefined && lat !== undefined) return at(lon, lat)
    const point = pointId === undefined ? undefined : points.get(pointId)
    return point ? at(point.lon, point.lat) : null
  }
  return {
    type: 'FeatureCollection',
    at: scene.at,
    features: [
      ...scene.units.flatMap(({ position, id, callSign, mode }) =>
        position === null
          ? []
          : [
              {
                type: 'Feature' as const,
                geometry: at(position.lon, position.lat),
                properties: { kind: 'unit', id, callSign, mode, recordedAt: position.recordedAt },
              },
            ],
      ),
      ...scene.points.map(({ id, code, name, lon, lat, window, synthetic }) => ({
        type: 'Feature' as const,
        geometry: at(lon, lat),
        properties: { kind: 'patrol-point', id, code, name, state: window?.state ?? null, synthetic },
      })),
      ...scene.incidents.map(({ id, source, category, priority, status, occurredAt, lon, lat }) => ({
        type: 'Feature' as const,
        geometry: at(lon, lat),
        properties: { kind: 'incident', id, source, category, priority, status, occurredAt },
      })),
      ...scene.alerts.flatMap((alert) => {
        const geometry = placeOf(alert)
        if (geometry === null) return []
        const { id, kind, priority, state, raisedAt, acknowledgedAt } = alert
        const properties = { kind: 'alert', id, cause: kind, priority, state, raisedAt, acknowledgedAt }
        return [{ type: 'Feature' as const, geometry, properties }]
      }),
    ],
  }
}
