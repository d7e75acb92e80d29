import { sql } from 'drizzle-orm'
import { Duty, DutyLine, ServerTime } from '@patrol/contract'
import { signBeacon } from '../check-in/beacon.ts'
import { findDuty } from '../organisation/find-duty.ts'
import { officerOf } from '../plugins/session.ts'
import { listRouteLines } from '../route/plan/read-lines.ts'
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

  /** The way of the route that the officer's unit follows; no legs without one. Asked for when the duty names another version. */
  app.get(
    '/api/v1/duty/line',
    {
      config: { access: ['officer', 'beat-officer', 'supervisor'] },
      schema: { response: { 200: DutyLine } },
    },
    async (request, reply): Promise<DutyLine> => {
      reply.header('cache-control', 'no-store')
      const now = app.clock.now().toISOString()
      const [line] = await listRouteLines(
        app.db,
        sql`r.state = 'assigned' and r.unit_id = (
          select u.id from unit_member m join unit u on u.id = m.unit_id join shift s on s.id = u.shift_id
          where m.officer_id = ${officerOf(request).id} and s.starts_at <= ${now} and s.ends_at > ${now}
          order by s.starts_at desc limit 1)`,
      )
      return { version: line?.version ?? null, legs: line?.legs ?? [] }
    },
  )
}
