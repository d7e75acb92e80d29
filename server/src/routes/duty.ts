import { Duty, ServerTime } from '@patrol/contract'
import { signBeacon } from '../check-in/beacon.ts'
import { findDuty } from '../organisation/find-duty.ts'
import { officerOf } from '../plugins/session.ts'
import type { App } from '../app.ts'

/** What a phone needs for its shift: the time, and the duty. */
export async function dutyRoutes(app: App) {
  app.get(
    '/api/v1/time',
    { config: { access: 'public' }, schema: { response: { 200: ServerTime } } },
    async (_request, reply): Promise<ServerTime> => {
      const now = app.clock.now()
      reply.header('cache-control', 'no-store')
      return { now: now.toISOString(), speed: app.clock.speed, beacon: signBeacon(now, app.env.serverKey) }
    },
  )

  app.get(
    '/api/v1/duty',
    { config: { access: ['officer', 'beat-officer', 'supervisor'] }, schema: { response: { 200: Duty } } },
    async (request, reply): Promise<Duty> => {
      reply.header('cache-control', 'no-store')
      return findDuty(app.db, officerOf(request).id, app.clock.now())
    },
  )
}
