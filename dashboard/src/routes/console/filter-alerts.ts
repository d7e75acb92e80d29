import type { Alert } from '@patrol/contract'
import { isPressing } from '../../lib/map/alert-rings.ts'

/** What the queue shows; an empty text is no condition. */
export type AlertFilter = Record<'text' | 'priority' | 'precinctId', string>

export const noFilter: AlertFilter = { text: '', priority: '', precinctId: '' }

export const isFiltering = (filter: AlertFilter) => Object.values(filter).some((value) => value.trim() !== '')

/**
 * @param write the words of a row, in the reader's language
 * @returns the rows that meet every condition, and each unacknowledged P1: no filter hides what must be answered now
 */
export function filterAlerts(
  rows: readonly Alert[],
  { text, priority, precinctId }: AlertFilter,
  write: (alert: Alert) => string,
): Alert[] {
  const wanted = text.trim().toLowerCase()
  return rows.filter(
    (alert) =>
      isPressing(alert) ||
      ((priority === '' || String(alert.priority) === priority) &&
        (precinctId === '' || String(alert.precinctId) === precinctId) &&
        (wanted === '' || write(alert).toLowerCase().includes(wanted))),
  )
}
