import { Gauge } from 'prom-client'
import Type from 'typebox'
import { sql } from 'drizzle-orm'
import { AlertPerformance } from '@patrol/contract'
import { audit } from '@patrol/db'
import { measureAlerts } from '../alert/measure-alerts.ts'
import { cityScope, withinScope } from '../organisation/scope.ts'
import { principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import { writeCsv } from '../report/write-csv.ts'
import type { App } from '../app.ts'

const reading = ['operator', 'duty-officer', 'supervisor', 'administrator'] as const
const longestMs = 31 * 86_400_000
const maxRows = 50_000

const Period = Type.Object({
  from: Type.String({ format: 'date-time' }),
  to: Type.String({ format: 'date-time' }),
})

/** How well the alerts serve those who must answer them, measured against the targets, for people and for Prometheus. */
export async function alertPerformanceRoutes(app: App) {
  exposeAlerts(app)

  app.get(
    '/api/v1/alert-performance',
    {
      config: { access: reading },
      schema: { querystring: Period, response: { 200: AlertPerformance } },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      const { scope } = principalOf(request)
      return measureAlerts(app.db, { scope, ...readPeriod(request.query), now: app.clock.now() })
    },
  )

  app.get(
    '/api/v1/exports/alerts.csv',
    { config: { access: ['duty-officer', 'supervisor', 'administrator'] }, schema: { querystring: Period } },
    async (request, reply) => {
      const { scope, officer } = principalOf(request)
      const { from, to } = readPeriod(request.query)
      const within = withinScope(scope, { precinctId: sql`a.precinct_id`, stationId: sql`a.station_id` })
      const { rows } = await app.db.execute<Record<string, string | number | null>>(sql`
        select a.id, a.kind, a.priority, a.state, p.name as precinct, a.subject->>'place' as place,
          a.subject->>'callSign' as call_sign, a.count, a.raised_at::text, a.begun_at::text, a.asked_at::text,
          a.acknowledged_at::text, o.name as acknowledged_by, a.closed_at::text, a.escalation, a.asks, a.parent_id
        from alert a left join organisation p on p.id = a.precinct_id left join officer o on o.id = a.acknowledged_by
        where a.begun_at >= ${from.toISOString()} and a.begun_at < ${to.toISOString()} and ${within}
        order by a.begun_at, a.id limit ${maxRows}`)
      if (rows.length === maxRows) {
        throw new ProblemError('INVALID_INPUT', {
          field: 'querystring/to',
          message: `The period has ${maxRows} alerts or more, which is too much for one file.`,
        })
      }
      await app.db.insert(audit).values({
        at: app.clock.now(),
        officerId: officer?.id ?? null,
        action: 'alerts:exported',
        subject: `period:${request.query.from}/${request.query.to}`,
        details: { rows: rows.length },
      })
      reply.header('content-disposition', 'attachment; filename="alerts.csv"')
      reply.type('text/csv; charset=utf-8').header('cache-control', 'no-store')
      const columns = [
        'id',
        'kind',
        'priority',
        'state',
        'precinct',
        'place',
        'call_sign',
        'count',
        'raised_at',
        'begun_at',
        'asked_at',
        'acknowledged_at',
        'acknowledged_by',
        'closed_at',
        'escalation',
        'asks',
        'parent_id',
      ]
      return writeCsv(
        columns,
        rows.map((row) => columns.map((column) => row[column] ?? null)),
      )
    },
  )
}

function readPeriod(query: { from: string; to: string }): { from: Date; to: Date } {
  const from = new Date(query.from)
  const to = new Date(query.to)
  const ms = to.getTime() - from.getTime()
  if (!(ms > 0 && ms <= longestMs)) {
    throw new ProblemError('INVALID_INPUT', {
      field: 'querystring/to',
      message: 'A period is of 1 to 31 days.',
    })
  }
  return { from, to }
}

/** The same measures for Prometheus, of the last eight hours: a shift. */
function exposeAlerts(app: App) {
  const read = async () => {
    const to = app.clock.now()
    return measureAlerts(app.db, {
      scope: cityScope,
      from: new Date(to.getTime() - 8 * 3_600_000),
      to,
      now: to,
    })
  }
  const gauges: [string, string, (measured: AlertPerformance) => number | null][] = [
    [
      'mean_per_10min',
      'Alert rows per operator and ten minutes, mean of a shift',
      (m) => m.meanPerTenMinutes,
    ],
    ['peak_per_10min', 'Alert rows per operator in the fullest ten minutes', (m) => m.peakPerTenMinutes],
    ['chattering', 'Causes that began three times within a minute', (m) => m.chattering],
    ['standing', 'Rows that have stood for more than a day', (m) => m.standing],
    ['acknowledge_seconds_p90', 'Time to an answer, 90th percentile', (m) => m.acknowledgeSeconds.p90],
  ]
  let measured: { at: number; value: Promise<AlertPerformance> } | null = null
  for (const [name, help, pick] of gauges) {
    new Gauge({
      name: `patrol_alert_${name}`,
      help,
      registers: [app.metrics],
      async collect() {
        // One reading for all gauges of a scrape.
        if (measured === null || performance.now() - measured.at > 5_000) {
          measured = { at: performance.now(), value: read() }
        }
        this.set(await measured.value.then((value) => pick(value) ?? Number.NaN).catch(() => Number.NaN))
      },
    })
  }
}
