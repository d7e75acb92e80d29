import type { Alert } from '@patrol/contract'
import { isStanding } from '../../lib/live/alert-order.ts'
import { isPressing } from '../../lib/map/alert-rings.ts'

/** What the queue shows; an empty text is no condition. */
export type AlertFilter = Record<'text' | 'priority' | 'precinctId', string>

export const noFilter: AlertFilter = { text: '', priority: '', precinctId: '' }

export const isFiltering = (filter: AlertFilter) => Object.values(filter).some((value) => value.trim() !== '')

/**
 * @param alerts all of the screen: a row stands for those within it, too
 * @param write the words of a row, in the reader's language
 * @returns the rows that meet every condition, or hold one that does, and each unacknowledged P1: no filter hides what must be
 *   answered now
 */
export function filterAlerts(
  rows: readonly Alert[],
  alerts: readonly Alert[],
  { text, priority, precinctId }: AlertFilter,
  write: (alert: Alert) => string,
): Alert[] {
  const wanted = text.trim().toLowerCase()
  const children = Map.groupBy(alerts.filter(isStanding), ({ parentId }) => parentId)
  const isWanted = (alert: Alert): boolean =>
    isPressing(alert) ||
    ((priority === '' || String(alert.priority) === priority) &&
      (precinctId === '' || String(alert.precinctId) === precinctId) &&
      (wanted === '' || write(alert).toLowerCase().includes(wanted))) ||
    (children.get(alert.id) ?? []).some(isWanted)
  return rows.filter(isWanted)
}
