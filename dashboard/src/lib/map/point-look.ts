import type { Alert, WallPoint, WindowState } from '@patrol/contract'

/** How a patrol point looks: ring = due, dot = done, ▲ = overdue (filled: still to be saved; open: missed), × = out of service. */
export type PointLook = 'idle' | 'due' | 'done' | 'late' | 'missed' | 'out'

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

/** @param out the points that are out of service */
export function lookOf(point: WallPoint, out: ReadonlySet<number>): PointLook {
  if (out.has(point.id)) return 'out'
  return point.window ? looks[point.window.state] : 'idle'
}

/** Points whose box or label somebody has put out of service, by the alert about it. */
export function findOutOfService(alerts: Iterable<Alert>): Set<number> {
  const out = new Set<number>()
  for (const { state, subject } of alerts)
    if (state === 'out-of-service' && subject.pointId !== undefined) out.add(subject.pointId)
  return out
}

export function isLate(look: PointLook): boolean {
  return look === 'late' || look === 'missed'
}
