import Type from 'typebox'
import { sql } from 'drizzle-orm'
import { Notice, NoticeDraft, NoticeReceipt } from '@patrol/contract'
import { inTransaction } from '@patrol/db'
import { endNotice, issueNotice } from '../briefing/issue-notice.ts'
import { listNotices, listReceipts, readableNotice } from '../briefing/list-notices.ts'
import { officerOf, principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import type { App } from '../app.ts'

const deciding = ['duty-officer', 'supervisor'] as const
const reading = [...deciding, 'operator', 'administrator'] as const
const oneNotice = Type.Object({ id: Type.Integer() })

/** What duty officers tell patrols, and who has seen it. */
export async function noticeRoutes(app: App) {
  app.get(
    '/api/v1/notices',
    {
      config: { access: reading },
      schema: {
        querystring: Type.Object({ limit: Type.Integer({ default: 200, minimum: 1, maximum: 1_000 }) }),
        response: { 200: Type.Object({ notices: Type.Array(Notice) }) },
      },
    },
    async (request) => ({
      notices: await listNotices(app.db, {
        scope: principalOf(request).scope,
        now: app.clock.now(),
        limit: request.query.limit,
      }),
    }),
  )

  app.post(
    '/api/v1/notices',
    { config: { access: deciding }, schema: { body: NoticeDraft, response: { 200: Notice } } },
    async (request): Promise<Notice> => {
      const { validFrom, validTo } = request.body
      if (validTo !== null && Date.parse(validTo) <= Date.parse(validFrom)) {
        throw new ProblemError('INVALID_INPUT', {
          field: 'body/validTo',
          message: 'A notice ends after it begins.',
        })
      }
      const { scope } = principalOf(request)
      const now = app.clock.now()
      return inTransaction(app.db, async (tx) => {
        const id = await issueNotice(tx, {
          draft: request.body,
          officerId: officerOf(request).id,
          scope,
          now,
        })
        const [made] =
          id === null ? [] : await listNotices(tx, { scope, now, limit: 1, only: sql`n.id = ${id}` })
        if (made === undefined) {
          throw new ProblemError('INVALID_INPUT', {
            field: 'body/placeId',
            message: 'There is no such place in your scope.',
          })
        }
        return made
      })
    },
  )

  app.post(
    '/api/v1/notices/:id/end',
    { config: { access: deciding }, schema: { params: oneNotice, response: { 200: Notice } } },
    async (request): Promise<Notice> => {
      const { scope } = principalOf(request)
      const noticeId = request.params.id
      const now = app.clock.now()
      return inTransaction(app.db, async (tx) => {
        await endNotice(tx, { noticeId, officerId: officerOf(request).id, scope, now }).then((ended) => {
          if (ended === null) throw new ProblemError('NOT_FOUND')
        })
        const [notice] = await listNotices(tx, { scope, now, limit: 1, only: sql`n.id = ${noticeId}` })
        if (notice === undefined) throw new ProblemError('NOT_FOUND')
        return notice
      })
    },
  )

  app.get(
    '/api/v1/notices/:id/receipts',
    {
      config: { access: reading },
      schema: {
        params: oneNotice,
        querystring: Type.Object({ limit: Type.Integer({ default: 200, minimum: 1, maximum: 1_000 }) }),
        response: { 200: Type.Object({ receipts: Type.Array(NoticeReceipt) }) },
      },
    },
    async (request) => {
      const { scope } = principalOf(request)
      const noticeId = request.params.id
      const { rows } = await app.db.execute(
        sql`select 1 from notice n where n.id = ${noticeId} and ${readableNotice(scope)}`,
      )
      if (rows.length === 0) throw new ProblemError('NOT_FOUND')
      return { receipts: await listReceipts(app.db, { noticeId, scope, limit: request.query.limit }) }
    },
  )
}
