import Type from 'typebox'
import { sql } from 'drizzle-orm'
import { AlertNotice } from '@patrol/contract'
import { readAlerts } from '../alert/alert-row.ts'
import { officerOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import type { App } from '../app.ts'

interface Row extends Record<string, unknown> {
  id: number
  alertId: number
  level: number
  at: string
  seenAt: string | null
}

/** What the ladder put before oneself: phones and consoles ask for it. */
export async function alertNoticeRoutes(app: App) {
  app.get(
    '/api/v1/alert-notices',
    {
      config: { access: 'logged-in' },
      schema: { response: { 200: Type.Object({ notices: Type.Array(AlertNotice) }) } },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      const { rows } = await app.db.execute<Row>(sql`
        select n.id, n.alert_id as "alertId", n.level,
          to_char(n.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
          to_char(n.seen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "seenAt"
        from alert_notice n
        where n.officer_id = ${officerOf(request).id} and n.at > ${app.clock.now().toISOString()}::timestamptz - interval '1 day'
        order by n.at desc limit 50`)
      const ids = rows.map(({ alertId }) => alertId)
      const alerts = await readAlerts(app.db, sql`where a.id = any(${sql.param(ids)}::int[])`)
      const byId = new Map(alerts.map((alert) => [alert.id, alert]))
      return {
        notices: rows.flatMap(({ alertId, ...notice }) => {
          const alert = byId.get(alertId)
          return alert === undefined || alert.state === null
            ? []
            : [{ ...notice, alert: { ...alert, state: alert.state } }]
        }),
      }
    },
  )

  app.post(
    '/api/v1/alert-notices/:id/seen',
    {
      config: { access: 'logged-in' },
      schema: { params: Type.Object({ id: Type.Integer() }), response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      const { rowCount } = await app.db.execute(sql`
        update alert_notice set seen_at = coalesce(seen_at, ${app.clock.now().toISOString()})
        where id = ${request.params.id} and officer_id = ${officerOf(request).id}`)
      if (rowCount === 0) throw new ProblemError('NOT_FOUND')
      return reply.code(204).send(null)
    },
  )
}
