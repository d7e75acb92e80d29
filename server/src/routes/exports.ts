import Type from 'typebox'
import { sql } from 'drizzle-orm'
import { Day } from '@patrol/contract'
import { listCheckIns } from '../check-in/list-check-ins.ts'
import { principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import { writeCsv } from '../report/write-csv.ts'
import type { App } from '../app.ts'

/** More than any day has had: an export that would be cut says so instead. */
const maxRows = 100_000

/** Files to take away. Scoped like everything else; who took what is on record. */
export async function exportRoutes(app: App) {
  app.get(
    '/api/v1/exports/check-ins.csv',
    {
      config: { access: ['duty-officer', 'supervisor', 'administrator'] },
      schema: { querystring: Type.Object({ on: Day }) },
    },
    async (request, reply) => {
      const { scope, officer } = principalOf(request)
      const { on } = request.query
      const rows = await listCheckIns(app.db, {
        scope,
        officerId: officer?.id ?? null,
        limit: maxRows,
        only: sql`c.checked_in_at >= ${on}::timestamp at time zone 'Asia/Taipei'
          and c.checked_in_at < (${on}::timestamp + interval '1 day') at time zone 'Asia/Taipei'`,
      })
      if (rows.length === maxRows) {
        throw new ProblemError('INVALID_INPUT', {
          field: 'querystring/on',
          message: `The day has ${maxRows} check-ins or more, which is too much for one file.`,
        })
      }
      await app.db.execute(sql`
        insert into audit (officer_id, action, subject, details)
        values (${officer?.id ?? null}, 'check-ins:exported', ${`day:${on}`}, ${JSON.stringify({ rows: rows.length })}::jsonb)`)
      reply.header('content-disposition', `attachment; filename="check-ins-${on}.csv"`)
      reply.type('text/csv; charset=utf-8').header('cache-control', 'no-store')
      return writeCsv(
        [
          'id',
          'checked_in_at',
          'received_at',
          'point',
          'call_sign',
          'proof',
          'verdict',
          'fulfils',
          'reasons',
        ],
        rows.map((row) => [
          row.id,
          row.checkedInAt,
          row.receivedAt,
          row.pointName,
          row.callSign,
          row.proofKind,
          row.verdict,
          row.fulfils,
          row.reasons.map((reason) => reason.code).join(' '),
        ]),
      )
    },
  )
}
