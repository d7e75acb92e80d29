import type { Assignment, Incident } from '@patrol/contract'
import type { Live } from '../../../lib/live/live.svelte.ts'

/** What the drawer is about: an incident with its orders, or a task, which is one order. */
export type Target = { incidentId: number; orderId?: never } | { orderId: string; incidentId?: never }

/** @returns the incident that an order belongs to, else the order itself */
export function incidentOfOrder({ id, incidentId }: Assignment): Target {
  return incidentId === null ? { orderId: id } : { incidentId }
}

export interface Seen {
  incident: Incident | null
  orders: Assignment[]
  title: string
  priority: number
  address: string | null
  at: string
  place: { lon: number; lat: number } | null
}

/** @returns the target as the city has it now */
export function readTarget(live: Live, target: Target): Seen {
  const incident = live.incidents.find(({ id }) => id === target.incidentId) ?? null
  const orders = live.assignments.filter((one) =>
    target.orderId === undefined ? one.incidentId === target.incidentId : one.id === target.orderId,
  )
  const [order] = orders
  const place = incident ?? order ?? null
  return {
    incident,
    orders,
    title: incident?.category ?? order?.title ?? '—',
    priority: incident?.priority ?? order?.priority ?? 3,
    address: incident?.address ?? order?.address ?? null,
    at: incident?.occurredAt ?? order?.createdAt ?? '',
    place: place && { lon: place.lon, lat: place.lat },
  }
}
