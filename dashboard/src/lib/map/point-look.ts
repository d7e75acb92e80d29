import type { WallPoint, WindowState } from '@patrol/contract'

/** How a patrol point looks: ring = due, dot = done, ▲ = overdue (filled: still to be saved; open: missed). */
export type PointLook = 'idle' | 'due' | 'done' | 'late' | 'missed'

const looks: Record<WindowState, PointLook> = {
  pending: 'idle',
  open: 'due',
  grace: 'late',
  fulfilled: 'done',
  missed: 'missed',
  corrected: 'done',
  'made-up': 'done',
  excused: 'idle',
  unexcused: 'idle',
}

export function lookOf(point: WallPoint): PointLook {
  return point.window ? looks[point.window.state] : 'idle'
}

export function isLate(look: PointLook): boolean {
  return look === 'late' || look === 'missed'
}
