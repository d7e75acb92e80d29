import type { Heat } from '@patrol/contract'
import LayerGroup from 'ol/layer/Group.js'
import { classify } from './heat-classes.ts'
import { createHexLayer } from './hex-layer.ts'

/** From this zoom on the finer cells are drawn. */
const fineFromZoom = 14
/** The newest computed map is asked for again after this long, while it is shown. */
const staleMs = 30 * 60_000

/**
 * Where incidents were, as H3 cells: resolution 8, and 9 from zoom 14 on. Asked for when it is first shown; one that fails
 * is tried again at the next `refresh`.
 */
export function createHeatLayer(readHeat: () => Promise<Heat>, imageRatio: number) {
  const coarse = createHexLayer(imageRatio)
  const fine = createHexLayer(imageRatio)
  const group = new LayerGroup({ layers: [coarse.layer, fine.layer], visible: false })
  let askedAt = -Infinity

  async function refresh(): Promise<void> {
    if (!group.getVisible() || performance.now() - askedAt < staleMs) return
    askedAt = performance.now()
    try {
      show(await readHeat())
    } catch (error) {
      askedAt = -Infinity
      console.warn('heat not loaded', error)
    }
  }

  function show({ maps }: Heat): void {
    const [first] = maps
    const finest = maps.find(({ resolution }) => resolution >= 9)
    const coarsest = first !== finest ? first : undefined
    coarse.show(looksOf(coarsest ?? finest))
    fine.show(coarsest && finest ? looksOf(finest) : [])
    // Where there is one resolution only, it is drawn at every zoom.
    coarse.layer.setMaxZoom(coarsest && finest ? fineFromZoom : Infinity)
    fine.layer.setMinZoom(fineFromZoom)
  }

  return {
    layer: group,
    refresh,
    show(visible: boolean): void {
      group.setVisible(visible)
      void refresh()
    },
  }
}

function looksOf(map: Heat['maps'][number] | undefined) {
  if (!map) return []
  const classes = classify(map.cells.map(({ count }) => count))
  return map.cells.map(({ cell, count }) => ({ cell, heat: classes.of(count), hatched: false }))
}
