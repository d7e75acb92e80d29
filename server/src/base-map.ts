import type { BaseMap } from '@patrol/contract'

/** Named maps of the National Land Surveying and Mapping Center, as BASE_MAP_URL=nlsc:EMAP. */
const nlscLayers = ['EMAP', 'EMAP01', 'EMAP2', 'PHOTO2'] as const
const nlscMaxZoom = 19

/** A PMTiles file on the server, as BASE_MAP_URL=pmtiles:/srv/maps/taiwan.pmtiles. */
const archivePrefix = 'pmtiles:'

/**
 * The outside base map of the settings; null where there is none and the map shows the city's own tiles only.
 * @throws when it is neither a known name nor an archive nor an address with `{z}`, `{x}` and `{y}`
 */
export function readBaseMap(url: string, attribution: string, maxZoom: number): BaseMap | null {
  if (url === '') return null
  const named = nlscLayers.find((layer) => url === `nlsc:${layer}`)
  if (named) {
    return {
      // Row before column, as WMTS has it.
      url: `https://wmts.nlsc.gov.tw/wmts/${named}/default/GoogleMapsCompatible/{z}/{y}/{x}`,
      attribution: attribution || '內政部國土測繪中心',
      maxZoom: nlscMaxZoom,
      tiles: 'picture',
    }
  }
  if (url.startsWith(archivePrefix) && attribution !== '')
    return { url, attribution, maxZoom, tiles: 'picture' }
  if (
    !url.startsWith(archivePrefix) &&
    (!/^https?:\/\/[^/\s;,'"]+\/[^\s;,'"]*$/.test(url) ||
      !['{z}', '{x}', '{y}'].every((part) => url.includes(part)))
  ) {
    throw new Error(
      `Settings are not usable: BASE_MAP_URL must be one of ${nlscLayers.map((layer) => `nlsc:${layer}`).join(', ')}, pmtiles:FILE or an http(s) address with {z}, {x} and {y}.`,
    )
  }
  if (attribution === '') throw new Error('Settings are not usable: BASE_MAP_URL needs BASE_MAP_ATTRIBUTION.')
  return { url, attribution, maxZoom, tiles: 'picture' }
}

/** @returns the file of a base map that is an archive; null for one from elsewhere */
export const fileOfBaseMap = ({ url }: BaseMap): string | null =>
  url.startsWith(archivePrefix) ? url.slice(archivePrefix.length) : null

/** What the page's policy must let its pictures come from; a host may be one of several, as `{a-c}.example.org`. */
export function originOfBaseMap(map: BaseMap): string {
  if (fileOfBaseMap(map) !== null) return "'self'"
  return new URL(map.url.replace(/\{[^}]*\}/g, '0')).origin
}
