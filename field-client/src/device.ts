import type { DeviceEnrolment } from '@patrol/contract'
import { enrolDevice } from './api.ts'
import { keepDeviceKey } from './device-key.ts'
import { readSetting, type Store, writeSetting } from './store.ts'

export { canSign } from './device-key.ts'

export type EnrolResult = 'ok' | 'offline' | 'too-many' | 'failed'

/** The device as the server last told; undefined before it was enrolled. */
export const recallDevice = (store: Store) => readSetting(store, 'device')

/** Shows the server this browser's key; the same again asks how the device stands. */
export async function enrolThisDevice(
  store: Store,
  { kind, label }: Omit<DeviceEnrolment, 'publicKey'>,
): Promise<EnrolResult> {
  const { publicKey } = await keepDeviceKey(store)
  const answer = await enrolDevice({ kind, label, publicKey })
  if (answer.kind === 'offline') return 'offline'
  if (answer.kind === 'problem') {
    return answer.problem.code === 'TOO_MANY_REQUESTS' ? 'too-many' : 'failed'
  }
  await writeSetting(store, 'device', answer.value)
  return 'ok'
}

/** At the start of the app: an approval or revocation since then. */
export async function refreshDevice(store: Store): Promise<void> {
  const device = await recallDevice(store)
  if (device) await enrolThisDevice(store, device)
}

/** Forgets a revoked key, so that the device can be enrolled with another one. */
export async function renewDeviceKey(store: Store): Promise<void> {
  await store.delete('setting', 'deviceKey')
  await store.delete('setting', 'device')
}
