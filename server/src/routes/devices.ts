import Type from 'typebox'
import { Device, DeviceEnrolment } from '@patrol/contract'
import { approveDevice, enrolDevice, listDevices, revokeDevice } from '../organisation/enrol-device.ts'
import { parsePublicKey } from '../check-in/proof/device-key.ts'
import { officerOf, principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import type { App } from '../app.ts'

const approving = ['duty-officer', 'supervisor', 'administrator'] as const
const oneDevice = { params: Type.Object({ id: Type.String({ format: 'uuid' }) }), response: { 200: Device } }

/** Phones and handhelds that sign check-ins: an officer shows a key, another approves it, and anybody may lose one. */
export async function deviceRoutes(app: App) {
  app.post(
    '/api/v1/devices',
    {
      config: { access: ['officer', 'beat-officer', 'supervisor', 'duty-officer', 'administrator'] },
      schema: { body: DeviceEnrolment, response: { 200: Device } },
    },
    async (request): Promise<Device> => {
      if (parsePublicKey(request.body.publicKey) === null) {
        throw new ProblemError('INVALID_INPUT', {
          field: 'body/publicKey',
          message: 'This is no point of P-256.',
        })
      }
      const enrolled = await enrolDevice(app.db, officerOf(request), request.body)
      if (enrolled === 'too-many') throw new ProblemError('TOO_MANY_REQUESTS')
      return enrolled
    },
  )

  app.get(
    '/api/v1/devices',
    {
      config: { access: approving },
      schema: { response: { 200: Type.Object({ devices: Type.Array(Device) }) } },
    },
    async (request) => ({ devices: await listDevices(app.db, principalOf(request).scope) }),
  )

  app.post(
    '/api/v1/devices/:id/approve',
    { config: { access: approving }, schema: oneDevice },
    async (request): Promise<Device> => {
      const by = { officerId: officerOf(request).id, scope: principalOf(request).scope }
      const device = await approveDevice(app.db, request.params.id, by)
      if (device === null) throw new ProblemError('NOT_FOUND')
      if (device === 'own') throw new ProblemError('NOT_ALLOWED', { message: 'Another has to approve it.' })
      return device
    },
  )

  app.post(
    '/api/v1/devices/:id/revoke',
    { config: { access: approving }, schema: oneDevice },
    async (request): Promise<Device> => {
      const by = { officerId: officerOf(request).id, scope: principalOf(request).scope }
      const device = await revokeDevice(app.db, request.params.id, by)
      if (device === null) throw new ProblemError('NOT_FOUND')
      return device
    },
  )
}
