import type { CheckIn, DeviceEnrolment } from '@patrol/contract'
import { writeCanonical } from './canonical.ts'
import { readSetting, type Store } from './store.ts'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const

/** What this browser signs with. The private half cannot leave it; not even we can read it. */
export type DeviceKey = { privateKey: CryptoKey; publicKey: DeviceEnrolment['publicKey'] }

/** Without HTTPS a browser has no WebCrypto. */
export function canSign(): boolean {
  return globalThis.crypto?.subtle !== undefined
}

/** This browser's key, made at the first call. It stays through log-outs: it is the device's and not an officer's. */
export async function keepDeviceKey(store: Store): Promise<DeviceKey> {
  const kept = await readSetting(store, 'deviceKey')
  if (kept) return kept
  const { privateKey, publicKey } = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify'])
  const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', publicKey)
  const made: DeviceKey = { privateKey, publicKey: { kty: 'EC', crv: 'P-256', x, y } }
  // Another tab may have been faster: one key for the device, whoever made it.
  const change = store.transaction('setting', 'readwrite')
  const other = asDeviceKey(await change.store.get('deviceKey'))
  if (!other) await change.store.put(made, 'deviceKey')
  await change.done
  return other ?? made
}

/**
 * Signs a check-in where this device is enrolled; as it is elsewhere. One that still waits for its approval signs too: it may
 * be approved before the check-in is uploaded.
 */
export async function signCheckIn(store: Store, checkIn: CheckIn): Promise<CheckIn> {
  const [device, key] = await Promise.all([readSetting(store, 'device'), readSetting(store, 'deviceKey')])
  if (!device || !key || device.state === 'revoked' || !canSign()) return checkIn
  const text = new TextEncoder().encode(writeCanonical({ ...checkIn, device: { id: device.id } }))
  const signature = await crypto.subtle.sign(SIGNING, key.privateKey, text)
  return { ...checkIn, device: { id: device.id, signature: toBase64Url(new Uint8Array(signature)) } }
}

function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
}

// Only `keepDeviceKey` writes there.
function asDeviceKey(value: unknown) {
  return value as DeviceKey | undefined
}
