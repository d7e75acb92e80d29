import { randomUUID } from 'node:crypto'
import type { Db } from '@patrol/db'
import { ask, type Door } from './ask.ts'
import { callSeconds } from './behaviour.ts'
import { readCallOfHour, readLeftOrders, readWaitingCalls, type Place } from './read-city.ts'

/**
 * The city's 110: calls come in, and a colleague sends the nearest unit where no duty officer did, and another where the first
 * went off duty.
 */
export interface Calls {
  /** Lets happen what is due by then. Returns at once. */
  tick(nowMs: number): void
}

/** A clock sixty times as fast does not make sixty times as many calls. Milliseconds. */
const leastMs = 5_000

export function openCalls(db: Db, { door, anywhere }: { door: Door; anywhere(): Place | null }): Calls {
  let nextCallMs = 0
  let lookedAt = 0
  let busy = false

  async function work(nowMs: number) {
    if (nowMs >= nextCallMs) {
      nextCallMs = nowMs - Math.log(1 - Math.random()) * callSeconds.between * 1_000
      await call(nowMs)
    }
    for (const { id, epoch } of await readLeftOrders(db, nowMs)) {
      const reason = '勤務時段已結束'
      await ask(door, `/api/v1/assignments/${id}/cancel`, { id: randomUUID(), epoch, reason })
    }
    const waiting = await readWaitingCalls(db, nowMs - callSeconds.untilSent * 1_000)
    for (const incident of waiting.slice(0, 3)) await send(incident)
  }

  async function call(nowMs: number) {
    const place = anywhere()
    const known = await readCallOfHour(db, nowMs)
    const here =
      known ??
      (place && {
        category: '糾紛',
        priority: 2,
        address: '',
        lon: place.position[0],
        lat: place.position[1],
      })
    if (here === null) return
    await ask(door, '/api/v1/incidents', {
      source: '110',
      externalId: `sim-${randomUUID()}`,
      occurredAt: new Date(nowMs).toISOString(),
      ...here,
    })
  }

  async function send({ id, lon, lat }: { id: number; lon: number; lat: number }) {
    const answer = await ask(door, `/api/v1/units/nearest?lon=${lon}&lat=${lat}&limit=1`)
    const unitId = firstUnitOf(answer)
    if (unitId === null) return
    await ask(door, '/api/v1/assignments', { id: randomUUID(), unitId, to: { incidentId: id } })
  }

  return {
    tick(nowMs) {
      if (busy || performance.now() - lookedAt < leastMs) return
      lookedAt = performance.now()
      busy = true
      // The server or the database is away, or somebody was faster: the next look will do.
      work(nowMs)
        .catch(() => undefined)
        .finally(() => (busy = false))
    },
  }
}

function firstUnitOf(answer: unknown): number | null {
  if (typeof answer !== 'object' || answer === null || !('units' in answer) || !Array.isArray(answer.units))
    return null
  const first: unknown = answer.units[0]
  return typeof first === 'object' && first !== null && 'unitId' in first && typeof first.unitId === 'number'
    ? first.unitId
    : null
}
