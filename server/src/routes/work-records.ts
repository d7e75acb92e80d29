import Type from 'typebox'
import { sql } from 'drizzle-orm'
import { NewWorkNote, PhotoUpload } from '@patrol/contract'
import { inTransaction } from '@patrol/db'
import { withinScope } from '../organisation/scope.ts'
import { findOwnCheckIn, storePhoto } from '../photo/store-photo.ts'
import { officerOf, principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import type { App } from '../app.ts'

const working = ['officer', 'beat-officer', 'supervisor', 'duty-officer', 'administrator'] as const
const oneRecord = Type.Object({ id: Type.String({ format: 'uuid' }) })
/** A phone re-encodes to about 300 kB. */
const photoLimit = 2 * 1024 * 1024

/** Notes and photos that come after their check-in, and the photos as reviewers see them. */
export async function workRecordRoutes(app: App) {
  app.put(
    '/api/v1/work-notes/:id',
    { config: { access: working }, schema: { params: oneRecord, body: NewWorkNote } },
    async (request, reply) => {
      const officer = officerOf(request)
      const { checkInId, kind, text, notedAt } = request.body
      const receivedAt = app.clock.now().toISOString()
      await inTransaction(app.db, async (tx) => {
        const checkIn = await findOwnCheckIn(tx, checkInId, officer)
        if (checkIn === null) throw new ProblemError('NOT_FOUND')
        await tx.execute(sql`
          insert into work_note (id, check_in_id, officer_id, kind, text, noted_at, received_at)
          values (${request.params.id}, ${checkInId}, ${checkIn.officerId}, ${kind}, ${text?.trim() || null},
            ${new Date(notedAt).toISOString()}, ${receivedAt}) on conflict (id) do nothing`)
      })
      return reply.code(204).send()
    },
  )

  app.get(
    '/api/v1/check-in-photos/:id',
    { config: { access: ['duty-officer', 'supervisor'] }, schema: { params: oneRecord } },
    async (request, reply) => {
      const { scope } = principalOf(request)
      const { id } = request.params
      const { rows } = await app.db.execute<{
        picture: Buffer
        precinct_id: number
        check_in_id: string
      }>(sql`
        select picture, precinct_id, check_in_id from check_in_photo f where id = ${id} and picture is not null
          and ${withinScope(scope, { precinctId: sql`f.precinct_id`, stationId: sql`f.station_id` })}`)
      const [row] = rows
      if (row === undefined) throw new ProblemError('NOT_FOUND')
      await app.db.execute(sql`
        insert into audit (at, officer_id, action, subject, precinct_id, details)
        values (${app.clock.now().toISOString()}, ${officerOf(request).id}, 'photo:viewed', ${`photo:${id}`},
          ${row.precinct_id}, ${JSON.stringify({ checkInId: row.check_in_id })}::jsonb)`)
      reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff').type('image/jpeg')
      return row.picture
    },
  )

  await app.register(async (scope: App) => receivePhotos(scope))
}

/** A door of its own, whose bodies are pictures and nothing else. */
function receivePhotos(app: App) {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'image/jpeg',
    { parseAs: 'buffer', bodyLimit: photoLimit },
    (_request, body, done) => done(null, body),
  )
  app.put(
    '/api/v1/check-in-photos/:id',
    {
      config: { access: working },
      schema: { params: oneRecord, querystring: PhotoUpload },
      bodyLimit: photoLimit,
    },
    async (request, reply) => {
      if (!Buffer.isBuffer(request.body)) throw new ProblemError('PHOTO_REFUSED')
      await storePhoto(app.db, {
        id: request.params.id,
        ...request.query,
        jpeg: request.body,
        officer: officerOf(request),
        now: app.clock.now(),
      })
      return reply.code(204).send()
    },
  )
}
