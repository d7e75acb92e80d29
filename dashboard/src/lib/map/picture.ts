import { buffer, containsExtent, getForViewAndSize, getWidth, type Extent } from 'ol/extent.js'
import type BaseLayer from 'ol/layer/Base.js'
import LayerGroup from 'ol/layer/Group.js'
import Layer from 'ol/layer/Layer.js'
import OlMap, { type FrameState } from 'ol/Map.js'
import View from 'ol/View.js'
import { equals } from 'ol/coordinate.js'

/** How far a picture reaches beyond the map on each side, as a share of the map's size. */
const margin = 0.25
/** Of that, what must be left while the map moves. */
const reserve = 0.05
/** Enlarged or reduced more than this, as in a jump from the city to a street, a picture shows nothing: better none. */
const mostScale = 4
/** What moves on a map at rest is drawn at most ten times a second. */
const calmMs = 100

/** The frame in which a picture was drawn last: two in one frame would hold up the page for twice as long. */
let drawnFrame = -1

interface Place {
  center: number[]
  resolution: number
  size: number[]
}

/**
 * Layers that are drawn together into a picture somewhat larger than the map. While the map is dragged or zoomed only the
 * picture is moved: without a graphics card each drawing costs the processor as much as several frames. It is drawn anew when
 * the map rests elsewhere, when the map comes near its edge, and when a layer has changed.
 */
export function createPicture(layers: BaseLayer[]) {
  const element = document.createElement('div')
  Object.assign(element.style, { position: 'absolute', pointerEvents: 'none', willChange: 'transform' })
  const view = new View({ enableRotation: false })
  const map = new OlMap({ target: element, view, controls: [], interactions: [] })
  let wanted: Place | null = null
  let drawn: Place | null = null
  let isMoving = false
  let isAsked = false
  let isGone = false
  let drawnAt = -Infinity
  /** How long the last drawing kept the page, with what the browser did of it afterwards. */
  let tookMs = 0
  let waiting: (() => void)[] = []

  // A layer that changes asks its map for the next frame; this map has a pace of its own.
  map.render = ask
  map.setLayerGroup(new LayerGroup({ layers }))

  function ask(): void {
    if (isAsked) return
    isAsked = true
    requestAnimationFrame(drawWhenDue)
  }

  function drawWhenDue(now: number): void {
    if (isGone) return
    if (now === drawnFrame || now - drawnAt < restMs()) {
      requestAnimationFrame(drawWhenDue)
      return
    }
    drawnFrame = now
    draw()
  }

  /** How long the page is left alone after a drawing: a third of its time is for one picture, a ninth while it is moved about. */
  function restMs(): number {
    if (isElsewhere()) return tookMs
    return isMoving ? 8 * tookMs : Math.max(calmMs, 2 * tookMs)
  }

  function draw(): void {
    const startedAt = performance.now()
    if (wanted) {
      view.setResolution(wanted.resolution)
      view.setCenter(wanted.center)
      map.setSize(wanted.size)
      drawn = wanted
    }
    isAsked = false
    map.renderSync()
    if (wanted) place(wanted)
    const told = waiting
    waiting = []
    setTimeout(() => {
      drawnAt = performance.now()
      tookMs = drawnAt - startedAt
      for (const tell of told) tell()
    })
  }

  /** Whether the map comes near the edge of the picture or, at rest, is not in its middle. */
  function isElsewhere(): boolean {
    if (!wanted || !drawn) return true
    if (!isMoving) return !isSame(wanted, drawn)
    const shown = extentOf(wanted, 1 / (1 + 2 * margin))
    return !containsExtent(extentOf(drawn), buffer(shown, reserve * getWidth(shown)))
  }

  function place({ center, resolution }: Place): void {
    if (!drawn) return
    const scale = drawn.resolution / resolution
    let x = ((drawn.center[0] ?? 0) - (center[0] ?? 0)) / resolution
    let y = ((center[1] ?? 0) - (drawn.center[1] ?? 0)) / resolution
    // Whole pixels stay sharp.
    if (scale === 1) [x, y] = [Math.round(x), Math.round(y)]
    element.style.visibility = scale > mostScale || scale < 1 / mostScale ? 'hidden' : ''
    element.style.transform = `translate(${x}px, ${y}px) scale(${scale})`
  }

  function render({ viewState, viewHints, size }: FrameState): HTMLElement {
    const [width = 0, height = 0] = size
    const [besideX, besideY] = [Math.round(width * margin), Math.round(height * margin)]
    const next = {
      center: viewState.center.slice(),
      resolution: viewState.resolution,
      size: [width + 2 * besideX, height + 2 * besideY],
    }
    if (!wanted || !equals(wanted.size, next.size)) {
      Object.assign(element.style, {
        left: `${-besideX}px`,
        top: `${-besideY}px`,
        width: `${next.size[0]}px`,
        height: `${next.size[1]}px`,
      })
    }
    wanted = next
    isMoving = viewHints.some((hint) => hint > 0)
    place(next)
    if (isElsewhere()) ask()
    return element
  }

  return {
    layer: new Layer({ render }),
    /** Of what is drawn: it follows that of the map. */
    view,
    /** Resolves when everything that has changed so far is drawn. */
    whenDrawn: (): Promise<void> => (isAsked ? new Promise((tell) => waiting.push(tell)) : Promise.resolve()),
    dispose(): void {
      isGone = true
      for (const tell of waiting) tell()
      map.setTarget(undefined)
      map.dispose()
    },
  }
}

function extentOf({ center, resolution, size }: Place, share = 1): Extent {
  return getForViewAndSize(center, resolution, 0, [(size[0] ?? 0) * share, (size[1] ?? 0) * share])
}

function isSame(a: Place, b: Place): boolean {
  return a.resolution === b.resolution && equals(a.center, b.center) && equals(a.size, b.size)
}
