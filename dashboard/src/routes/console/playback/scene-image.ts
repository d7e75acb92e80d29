import type OlMap from 'ol/Map.js'
import { fontFamily, tokens } from '../../../lib/tokens.ts'

/**
 * The map as it is drawn now, with the watermark in the picture itself: it must not pass for the present.
 * @throws when the browser gives no picture
 */
export async function takeSceneImage(map: OlMap, watermark: string): Promise<Blob> {
  map.renderSync()
  const [width = 0, height = 0] = map.getSize() ?? []
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('No canvas to draw on.')
  context.fillStyle = tokens.bg
  context.fillRect(0, 0, width, height)
  const viewport = map.getViewport()
  const { left = 0, top = 0 } = viewport?.getBoundingClientRect() ?? {}
  for (const layer of viewport?.querySelectorAll<HTMLCanvasElement>('canvas') ?? []) {
    // A layer's canvas may reach beyond the map.
    const box = layer.getBoundingClientRect()
    if (layer.width > 0) context.drawImage(layer, box.left - left, box.top - top, box.width, box.height)
  }
  context.font = `600 28px ${fontFamily}`
  context.fillStyle = tokens.strong
  context.strokeStyle = tokens.bg
  context.lineWidth = 6
  context.strokeText(watermark, 24, 48)
  context.fillText(watermark, 24, 48)
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('The picture could not be made.'))),
      'image/png',
    ),
  )
}
