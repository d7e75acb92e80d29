import type { FeatureCollection, Point } from 'geojson'
import type { PlaybackScene } from '@patrol/contract'

/** A scene as one collection of points: units, patrol points with the state of their window, incidents. RFC 7946. */
export function writeSceneGeoJson(scene: PlaybackScene): FeatureCollection<Point> & { at: string } {
  const at = (lon: number, lat: number): Point => ({ type: 'Point', coordinates: [lon, lat] })
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
    ],
  }
}
