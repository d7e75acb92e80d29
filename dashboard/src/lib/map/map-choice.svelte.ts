import { keepLayers, recallLayers, type LayerName } from './map-layers.ts'
import type { OwnLayer } from './own-geojson.ts'
import { keepOwnLayers, recallOwnLayers } from './own-layer-store.ts'

/** What this machine's maps show, remembered by the browser and shared by all pages of the console. */
class MapChoice {
  shown = $state.raw<readonly LayerName[]>(recallLayers())
  own = $state.raw<readonly OwnLayer[]>([])
  /** Why own layers were not read or kept; null when they were. */
  problem = $state.raw<unknown>(null)

  constructor() {
    recallOwnLayers().then(
      (layers) => (this.own = layers),
      (error: unknown) => (this.problem = error),
    )
  }

  toggle(name: LayerName): void {
    this.shown = this.shown.includes(name) ? this.shown.filter((one) => one !== name) : [...this.shown, name]
    keepLayers(this.shown)
  }

  async setOwn(layers: readonly OwnLayer[]): Promise<void> {
    this.own = layers
    try {
      await keepOwnLayers(layers)
      this.problem = null
    } catch (error) {
      this.problem = error
    }
  }
}

export const mapChoice = new MapChoice()
