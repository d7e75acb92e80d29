import type { Alert } from '@patrol/contract'

/** For tests: an alert that nobody has touched; what a test is about is put over it. */
export function modelAlert(given: Partial<Alert>): Alert {
  return {
    id: 1,
    kind: 'forged-tag',
    priority: 2,
    state: 'unack',
    precinctId: null,
    stationId: null,
    subject: {},
    count: 1,
    raisedAt: '2026-11-23T00:00:00Z',
    changedAt: '2026-11-23T00:00:00Z',
    acknowledgedAt: null,
    acknowledgedBy: null,
    askedAt: '2026-11-23T00:00:00Z',
    parentId: null,
    isParent: false,
    quietUntil: null,
    heldBy: null,
    heldReason: null,
    escalation: 0,
    escalatedAt: null,
    told: [],
    ...given,
  }
}
