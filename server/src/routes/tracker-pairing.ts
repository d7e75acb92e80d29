import qrcode from 'qrcode'
import Type from 'typebox'
import { Tracker, TrackerEnrolment, TrackerPairing } from '@patrol/contract'
import { scopeOf } from '../organisation/scope.ts'
import { officerOf, principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import { listTrackers, pairTracker, revokeTracker } from '../tracking/pair-tracker.ts'
import type { App } from '../app.ts'

const access = ['duty-officer', 'administrator'] as const

/** Enrolling and ending native trackers. What is posted by them comes in by `trackers.ts`. */
export async function trackerPairingRoutes(app: App) {
  app.get(
    '/api/v1/devices/trackers',
    { config: { access }, schema: { response: { 200: Type.Object({ trackers: Type.Array(Tracker) }) } } },
    async (request) => ({ trackers: await listTrackers(app.db, principalOf(request).scope) }),
  )

  app.post(
    '/api/v1/devices/trackers',
    { config: { access }, schema: { body: TrackerEnrolment, response: { 200: TrackerPairing } } },
    async (request, reply): Promise<TrackerPairing> => {
      // A public id is a weak one: that is for who answers for all devices of a place.
      const grants = principalOf(request).grants.filter(
        ({ role }) => request.body.publicId === undefined || role === 'administrator',
      )
      if (grants.length === 0) throw new ProblemError('NOT_ALLOWED')
      const scope = scopeOf(grants)
      const enrolled = await pairTracker(app.db, request.body, { officerId: officerOf(request).id, scope })
      if (enrolled === 'unknown') throw new ProblemError('NOT_FOUND')
      if (enrolled === 'taken') {
        throw new ProblemError('INVALID_INPUT', {
          message: 'This public id is taken.',
          field: 'body/publicId',
        })
      }
      const door = `${app.env.publicOrigin}/trackers`
      const url = enrolled.pairingId === null ? door : `${door}/${enrolled.pairingId}`
      reply.header('cache-control', 'no-store')
      return {
        ...enrolled,
        url,
        qrSvg: await qrcode.toString(url, { type: 'svg', errorCorrectionLevel: 'M' }),
      }
    },
  )

  app.delete(
    '/api/v1/devices/trackers/:id',
    { config: { access }, schema: { params: Type.Object({ id: Type.String({ format: 'uuid' }) }) } },
    async (request, reply) => {
      const by = { officerId: officerOf(request).id, scope: principalOf(request).scope }
      if (!(await revokeTracker(app.db, request.params.id, by))) throw new ProblemError('NOT_FOUND')
      return reply.code(204).send()
    },
  )
}
