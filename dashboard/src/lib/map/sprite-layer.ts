import { buffer, type Extent } from 'ol/extent.js'
import VectorLayer from 'ol/layer/Vector.js'
import type VectorSource from 'ol/source/Vector.js'

/** A symbol drawn beforehand, as fine as the screen. */
export interface Sprite {
  image: ImageBitmap
  /** Half its width, in pixels of the layout. */
  half: number
}

/** As fine as the screen: drawn larger, each of thousands would be scaled down again in every frame. */
const density = Math.max(1, Math.ceil(globalThis.devicePixelRatio ?? 1))

/** @param paint draws round the middle, in pixels of the layout */
export function makeSprite(half: number, paint: (pen: OffscreenCanvasRenderingContext2D) => void): Sprite {
  const size = Math.ceil(half * 2 * density)
  const canvas = new OffscreenCanvas(size, size)
  const pen = canvas.getContext('2d')
  if (pen) {
    pen.scale(density, density)
    pen.translate(half, half)
    paint(pen)
  }
  // A bitmap, since of a canvas each of thousands of drawings would take a copy first.
  return { image: canvas.transferToImageBitmap(), half }
}

/** Sprites may reach this far into the map from outside it, in pixels. */
const reach = 30

/**
 * Thousands of symbols in one go. As features with styles they would be sorted, recorded and played back in each drawing, which
 * takes ten times as long.
 * @param source is empty; its `changed` has the layer drawn again
 * @param paint calls `put` for each sprite within `extent`, what lies above last; places in map coordinates
 */
export function createSpriteLayer(
  source: VectorSource,
  paint: (put: (x: number, y: number, sprite: Sprite) => void, extent: Extent, resolution: number) => void,
  options: { minZoom?: number } = {},
): VectorLayer {
  const layer = new VectorLayer({ source, ...options })
  layer.on('postrender', ({ context, frameState }) => {
    if (!frameState || !(context instanceof CanvasRenderingContext2D)) return
    const { pixelRatio, viewState, size } = frameState
    const { resolution, center } = viewState
    const perMeter = pixelRatio / resolution
    const left = (center[0] ?? 0) - ((size[0] ?? 0) / 2) * resolution
    const top = (center[1] ?? 0) + ((size[1] ?? 0) / 2) * resolution
    const extent = buffer(frameState.extent ?? [0, 0, 0, 0], reach * resolution)
    context.save()
    context.setTransform(1, 0, 0, 1, 0, 0)
    const put = (x: number, y: number, { image, half }: Sprite) => {
      const at = half * pixelRatio
      // On whole pixels, so that edges are as sharp as they were drawn.
      context.drawImage(
        image,
        Math.round((x - left) * perMeter - at),
        Math.round((top - y) * perMeter - at),
        2 * at,
        2 * at,
      )
    }
    paint(put, extent, resolution)
    context.restore()
  })
  return layer
}
