/** Every Redis channel of the system, in one place. Redis is the nerve, never the memory: losing a message costs latency only. */
export const channels = (prefix: string) => ({
  /** JSON array of events, contiguous in `pos`, from the relay to every gateway. */
  events: `${prefix}:events`,
  /** JSON `UnitsMoved` with the place of each unit, from whoever stored the breadcrumbs; one channel per precinct. */
  units: (precinctId: number) => `${prefix}:units:${precinctId}`,
  allUnits: `${prefix}:units:*`,
  /** Session ids that were revoked: gateways cut their sockets at once instead of at the next re-check. */
  revoked: `${prefix}:revoked`,
  /** Id of a job that was cancelled: whoever runs it ends its thread at once instead of at the next sign of life. */
  cancelledJobs: `${prefix}:cancelled-jobs`,
  /** A joint defence began or ended: screens may see more or less than before. */
  scopes: `${prefix}:scopes`,
})
export type Channels = ReturnType<typeof channels>

/**
 * A message of ours; null for what is no JSON. What is on our channels was written by our own processes, but a stray
 * writer on a shared Redis must not end a gateway.
 */
export function readMessage<T>(text: string): T | null {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
