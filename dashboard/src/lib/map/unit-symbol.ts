import type { Unit } from '@patrol/contract'
import type { PositionAge } from '../live/freshness.ts'
import { tokens } from '../tokens.ts'
import { makeSprite, type Sprite } from './sprite-layer.ts'

const sprites = new Map<string, Sprite>()

/**
 * The symbol of a unit: □ car, ◇ motorcycle, ○ foot, with a tick in the direction of travel.
 * Solid, hollow, or a dashed ghost, by the age of the position.
 * @param heading degrees, clockwise from north; null draws no tick
 * @param radius half the symbol's width in pixels
 */
export function drawUnit(
  mode: Unit['mode'],
  age: PositionAge,
  heading: number | null,
  radius: number,
): Sprite {
  // 24 directions are as many as the eye tells apart at this size.
  const direction = heading === null || age === 'ghost' ? null : (Math.round(heading / 15) * 15) % 360
  const key = `${mode}|${age}|${direction}|${radius}`
  const known = sprites.get(key)
  if (known) return known
  const made = makeSprite(radius * 2.2, (pen) => {
    if (direction !== null) drawTick(pen, direction, radius)
    drawShape(pen, mode, age, radius)
  })
  sprites.set(key, made)
  return made
}

function drawTick(context: OffscreenCanvasRenderingContext2D, direction: number, radius: number): void {
  context.save()
  context.rotate((direction * Math.PI) / 180)
  for (const [color, width] of [
    [tokens.bg, radius * 0.75],
    [tokens.text, radius * 0.35],
  ] as const) {
    context.strokeStyle = color
    context.lineWidth = width
    context.beginPath()
    context.moveTo(0, -radius * 0.6)
    context.lineTo(0, -radius * 1.9)
    context.stroke()
  }
  context.restore()
}

function drawShape(
  context: OffscreenCanvasRenderingContext2D,
  mode: Unit['mode'],
  age: PositionAge,
  radius: number,
): void {
  context.beginPath()
  if (mode === 'foot') context.arc(0, 0, radius * 0.95, 0, Math.PI * 2)
  else if (mode === 'car') context.rect(-radius * 0.85, -radius * 0.85, radius * 1.7, radius * 1.7)
  else {
    const reach = radius * 1.15
    context.moveTo(0, -reach)
    context.lineTo(reach, 0)
    context.lineTo(0, reach)
    context.lineTo(-reach, 0)
    context.closePath()
  }
  // A dark edge keeps symbols apart where they lie on each other.
  context.strokeStyle = tokens.bg
  context.lineWidth = radius * 0.7
  context.stroke()
  context.fillStyle = age === 'solid' ? tokens.text : tokens.bg
  context.fill()
  context.strokeStyle = age === 'ghost' ? tokens.dim : tokens.text
  context.lineWidth = radius * 0.3
  if (age === 'ghost') context.setLineDash([radius * 0.5, radius * 0.4])
  context.stroke()
}
