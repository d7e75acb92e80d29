import type { Alert } from '@patrol/contract'

export function isUnacknowledged(alert: Alert): boolean {
  return alert.state === 'unack' || alert.state === 'rtn-unack'
}

/** On the list: not shelved, suppressed or out of service. */
export function isStanding(alert: Alert): boolean {
  return isUnacknowledged(alert) || alert.state === 'ack'
}

/** @returns the alerts, most urgent first: those nobody has seen, by priority, then the newest */
export function sortAlerts(alerts: Iterable<Alert>): Alert[] {
  return [...alerts].sort(
    (a, b) =>
      Number(isUnacknowledged(b)) - Number(isUnacknowledged(a)) ||
      a.priority - b.priority ||
      Date.parse(b.raisedAt) - Date.parse(a.raisedAt) ||
      b.id - a.id,
  )
}
