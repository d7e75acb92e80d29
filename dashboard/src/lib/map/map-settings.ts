import type { MapSettings } from '@patrol/contract'
import { readMapSettings } from '../api.ts'

let asked: Promise<MapSettings> | null = null

/** The server's settings of the map, asked once; without them there is no base map from outside. */
export function readSettings(): Promise<MapSettings> {
  asked ??= readMapSettings().catch((error: unknown) => {
    asked = null
    console.warn('map settings not read', error)
    return { baseMap: null }
  })
  return asked
}
