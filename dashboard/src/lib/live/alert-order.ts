import type { Alert } from '@patrol/contract'

export function isUnacknowledged(alert: Alert): boolean {
  return alert.state === 'unack' || alert.state === 'rtn-unack'
}

/** On the list: not shelved, suppressed or out of service. */
export function isStanding(alert: Alert): boolean {
  return isUnacknowledged(alert) || alert.state === 'ack'
}

/** Kept quiet by a person or a plan. */
export function isHeld(alert: Alert): boolean {
  return alert.state === 'shelved' || alert.state === 'suppressed' || alert.state === 'out-of-service'
}

/** @returns the rows of the list, in the order given: what stands, without what another row of this screen stands for */
export function takeRows(alerts: readonly Alert[]): Alert[] {
  const standing = alerts.filter(isStanding)
  const ids = new Set(standing.map(({ id }) => id))
  return standing.filter(({ parentId }) => parentId === null || !ids.has(parentId))
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
