import Type from 'typebox'
import { sql } from 'drizzle-orm'
import { Day, PatrolWindow, WindowExcuse, WindowState } from '@patrol/contract'
import { inTransaction } from '@patrol/db'
import { withinScope } from '../organisation/scope.ts'
import { officerOf, principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import { excuseWindow } from '../window/excuse-window.ts'
import { listWindows } from '../window/list-windows.ts'
import type { App } from '../app.ts'

/** What is due, done and missed, and the excuse of a duty officer. */
export async function patrolWindowRoutes(app: App) {
  app.get(
    '/api/v1/patrol-windows',
    {
      config: { access: ['operator', 'duty-officer', 'supervisor', 'administrator', 'wall-display'] },
      schema: {
        querystring: Type.Object({
          serviceOn: Day,
          state: Type.Optional(WindowState),
          after: Type.Integer({ default: 0, minimum: 0 }),
          limit: Type.Integer({ default: 500, minimum: 1, maximum: 5_000 }),
        }),
        response: { 200: Type.Object({ windows: Type.Array(PatrolWindow) }) },
      },
    },
    async (request) => ({
      windows: await listWindows(app.db, { ...request.query, scope: principalOf(request).scope }),
    }),
  )

  app.post(
    '/api/v1/patrol-windows/:id/excuse',
    {
      config: { access: ['duty-officer', 'supervisor'] },
      schema: { params: Type.Object({ id: Type.Integer() }), body: WindowExcuse },
    },
    async (request, reply) => {
      const { scope } = principalOf(request)
      const windowId = request.params.id
      await inTransaction(app.db, async (tx) => {
        const seen = await tx.execute(sql`select 1 from patrol_window w where w.id = ${windowId}
          and ${withinScope(scope, { precinctId: sql`w.precinct_id`, stationId: sql`w.station_id` })}`)
        if (seen.rows.length === 0) throw new ProblemError('PATROL_WINDOW_UNKNOWN')
        const { outcome } = await excuseWindow(tx, {
          windowId,
          officerId: officerOf(request).id,
          reason: request.body.reason,
          evidence: null,
          now: app.clock.now(),
        })
        if (outcome === 'unknown') throw new ProblemError('PATROL_WINDOW_UNKNOWN')
        if (outcome !== 'ok') throw new ProblemError('PATROL_WINDOW_SETTLED')
      })
      return reply.code(204).send()
    },
  )
}
