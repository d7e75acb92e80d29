/** The layers of a map that can be switched, bottom to top. */
export const layerNames = [
  'base',
  'outside',
  'boundaries',
  'heat',
  'own',
  'routes',
  'trails',
  'points',
  'incidents',
  'units',
] as const
export type LayerName = (typeof layerNames)[number]

/** What a map shows until somebody chooses: everything but the past and the plans, which hide the present. */
export const usualLayers: readonly LayerName[] = layerNames.filter(
  (name) => name !== 'heat' && name !== 'routes',
)

const key = 'patrol.map-layers'

/** @returns the names among `list` that are layers; a name of another version is left out */
export function readLayerNames(list: readonly unknown[]): LayerName[] {
  return layerNames.filter((name) => list.includes(name))
}

/** What was switched on last on this machine. */
export function recallLayers(): readonly LayerName[] {
  const kept = localStorage.getItem(key)
  if (kept === null) return usualLayers
  try {
    const list: unknown = JSON.parse(kept)
    return Array.isArray(list) ? readLayerNames(list) : usualLayers
  } catch {
    // Written by hand or by another version: as if it were not there.
    return usualLayers
  }
}

export function keepLayers(names: readonly LayerName[]): void {
  localStorage.setItem(key, JSON.stringify(names))
}
