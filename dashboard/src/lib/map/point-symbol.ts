import { tokens } from '../tokens.ts'
import type { PointLook } from './point-look.ts'
import { makeSprite, type Sprite } from './sprite-layer.ts'

const sprites = new Map<string, Sprite>()

/**
 * The symbol of a patrol point, as the rules of `point-webgl.ts` draw it on a graphics card.
 * @param isHigh of high risk: a third larger
 */
export function drawPoint(look: PointLook, isHigh: boolean, scale: number): Sprite {
  const key = `${look}|${isHigh}|${scale}`
  const known = sprites.get(key)
  if (known) return known
  const size = scale * (isHigh ? 1.3 : 1)
  const made = makeSprite(14 * size, (pen) => paint(pen, look, size, scale))
  sprites.set(key, made)
  return made
}

function paint(pen: OffscreenCanvasRenderingContext2D, look: PointLook, size: number, scale: number): void {
  pen.beginPath()
  switch (look) {
    case 'idle':
      pen.arc(0, 0, 3 * size, 0, 2 * Math.PI)
      return fill(pen, '#5a5f65')
    case 'done':
      pen.arc(0, 0, 4.5 * size, 0, 2 * Math.PI)
      return fill(pen, tokens.normal)
    case 'due':
      pen.arc(0, 0, 7 * size, 0, 2 * Math.PI)
      return fill(pen, 'rgba(22,24,27,0.6)', tokens.strong, 2 * scale)
    case 'missed':
      triangle(pen, 10 * size)
      return fill(pen, 'rgba(22,24,27,0.8)', tokens.p2, 2.4 * scale)
    case 'late':
      triangle(pen, 11 * size)
      return fill(pen, tokens.p2, tokens.bg, 1.5 * scale)
    case 'out':
      return cross(pen, 6 * size, scale)
  }
}

function cross(pen: OffscreenCanvasRenderingContext2D, reach: number, scale: number): void {
  pen.moveTo(-reach, -reach)
  pen.lineTo(reach, reach)
  pen.moveTo(-reach, reach)
  pen.lineTo(reach, -reach)
  for (const [color, width] of [
    [tokens.bg, 6],
    [tokens.dim, 2.4],
  ] as const) {
    pen.strokeStyle = color
    pen.lineWidth = width * scale
    pen.stroke()
  }
}

function fill(pen: OffscreenCanvasRenderingContext2D, color: string, edge?: string, width = 0): void {
  pen.fillStyle = color
  pen.fill()
  if (edge === undefined) return
  pen.strokeStyle = edge
  pen.lineWidth = width
  pen.stroke()
}

function triangle(pen: OffscreenCanvasRenderingContext2D, radius: number): void {
  for (const corner of [0, 1, 2]) {
    const angle = (corner * 2 * Math.PI) / 3
    pen.lineTo(radius * Math.sin(angle), -radius * Math.cos(angle))
  }
  pen.closePath()
}
