import type { BaseMap } from '@patrol/contract'

/** Named maps of the National Land Surveying and Mapping Center, as BASE_MAP_URL=nlsc:EMAP. */
const nlscLayers = ['EMAP', 'EMAP01', 'EMAP2', 'PHOTO2'] as const
const nlscMaxZoom = 19

/**
 * The outside base map of the settings; null where there is none and the map shows the city's own tiles only.
 * @throws when it is neither a known name nor an address with `{z}`, `{x}` and `{y}`
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
    }
  }
  if (
    !/^https?:\/\/[^/\s;,'"]+\/[^\s;,'"]*$/.test(url) ||
    !['{z}', '{x}', '{y}'].every((part) => url.includes(part))
  ) {
    throw new Error(
      `Settings are not usable: BASE_MAP_URL must be one of ${nlscLayers.map((layer) => `nlsc:${layer}`).join(', ')} or an http(s) address with {z}, {x} and {y}.`,
    )
  }
  if (attribution === '') throw new Error('Settings are not usable: BASE_MAP_URL needs BASE_MAP_ATTRIBUTION.')
  return { url, attribution, maxZoom }
}

/** What the page's policy must let its pictures come from; a host may be one of several, as `{a-c}.example.org`. */
export function originOfBaseMap({ url }: BaseMap): string {
  return new URL(url.replace(/\{[^}]*\}/g, '0')).origin
}
