import type { Alert } from '@patrol/contract'
import { isPressing } from '../../../lib/map/alert-rings.ts'

export interface AlertRow {
  alert: Alert
  isDouble: boolean
}

/** Fills the list: the first P1, while nobody has acknowledged it, takes the height of two rows. */
export function fillRows(alerts: readonly Alert[], slots: number): AlertRow[] {
  const first = alerts[0]
  const isDouble = first !== undefined && isPressing(first)
  return alerts
    .slice(0, Math.max(1, isDouble ? slots - 1 : slots))
    .map((alert, i) => ({ alert, isDouble: isDouble && i === 0 }))
}
