import Type from 'typebox'
import { RosterUnit, RouteHandover } from '@patrol/contract'
import { sql } from 'drizzle-orm'
import { inTransaction } from '@patrol/db'
import { officerOf, principalOf } from '../plugins/session.ts'
import { handOverRoute } from '../roster/hand-over-route.ts'
import { listRoster } from '../roster/list-roster.ts'
import { membersOf } from '../push/audiences.ts'
import type { App } from '../app.ts'

const Units = Type.Object({ units: Type.Array(RosterUnit) })

/** The duty roster of the moment, and who follows which route. */
export async function rosterRoutes(app: App) {
  app.get(
    '/api/v1/roster',
    {
      config: { access: ['operator', 'duty-officer', 'supervisor', 'administrator'], joint: true },
      schema: { response: { 200: Units } },
    },
    async (request) => ({
      units: await listRoster(app.db, { scope: principalOf(request).scope, now: app.clock.now() }),
    }),
  )

  app.post(
    '/api/v1/units/:id/route',
    {
      config: { access: ['operator', 'duty-officer'] },
      schema: {
        params: Type.Object({ id: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }) }),
        body: RouteHandover,
        response: { 200: Units },
      },
    },
    async (request) => {
      const by = {
        officerId: officerOf(request).id,
        scope: principalOf(request).scope,
        now: app.clock.now(),
      }
      const units = await inTransaction(app.db, (tx) =>
        handOverRoute(tx, request.params.id, request.body, by),
      )
      const ids = units.map((unit) => unit.id)
      void app.sendPush(membersOf(sql`select unnest(${sql.param(ids)}::int[])`), 'order')
      return { units }
    },
  )
}
