import type {
  HotspotDosage,
  HotspotDosageOrder,
  HotspotFacts,
  HotspotForecast,
  HotspotMap,
  IncidentSource,
} from '@patrol/contract'
import type { MultiPolygon, Polygon } from 'geojson'
import { ask } from '../../../lib/api.ts'

export interface PrecinctOutline {
  precinctId: number
  outline: MultiPolygon | Polygon
}
export const readPrecinctOutlines = () => ask<{ outlines: PrecinctOutline[] }>('GET', '/precinct-outlines')

export const readHotspotFacts = () => ask<HotspotFacts>('GET', '/hotspot-facts')
export const readHotspotMap = (id: number) => ask<HotspotMap>('GET', `/hotspot-maps/${id}`)
export const readForecast = (source: IncidentSource, categories: readonly string[]) =>
  ask<{ forecast: HotspotForecast | null }>(
    'GET',
    `/hotspot-forecasts?${new URLSearchParams([['source', source], ...categories.map((each) => ['category', each])])}`,
  )
export const readDosages = () => ask<{ dosages: HotspotDosage[] }>('GET', '/hotspot-dosages')
export const orderDosage = (order: HotspotDosageOrder) =>
  ask<HotspotDosage>('POST', '/hotspot-dosages', order)
export const endDosage = (id: number) => ask<void>('POST', `/hotspot-dosages/${id}/end`, {})
