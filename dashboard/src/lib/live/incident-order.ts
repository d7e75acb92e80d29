import type { Incident } from '@patrol/contract'

/** @returns what needs a unit first on top: the most urgent, of these the oldest; those with a unit after those without */
export function sortIncidents(incidents: Iterable<Incident>): Incident[] {
  return [...incidents].sort(
    (a, b) =>
      Number(a.status !== 'open') - Number(b.status !== 'open') ||
      a.priority - b.priority ||
      Date.parse(a.occurredAt) - Date.parse(b.occurredAt) ||
      a.id - b.id,
  )
}
