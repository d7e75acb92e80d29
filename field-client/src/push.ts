import { askPushKey, subscribePush, unsubscribePush } from './api.ts'

/** `off`: not on this server; `unable`: not in this browser (on iPhones only once installed); `blocked`: the officer said no. */
export type PushState = 'off' | 'unable' | 'blocked' | 'no' | 'yes'

export async function readPushState(): Promise<PushState> {
  if (!('serviceWorker' in navigator) || !('PushManager' in window) || !('Notification' in window))
    return 'unable'
  const key = await askPushKey()
  if (key.kind !== 'ok' || key.value.publicKey === null) return 'off'
  if (Notification.permission === 'denied') return 'blocked'
  return (await currentSubscription()) === null ? 'no' : 'yes'
}

/** Asks the officer, then the browser's push service, then tells our server. Must follow a tap. */
export async function turnPushOn(): Promise<PushState> {
  const key = await askPushKey()
  if (key.kind !== 'ok' || key.value.publicKey === null) return 'off'
  if ((await Notification.requestPermission()) !== 'granted') return 'blocked'
  const registration = await navigator.serviceWorker.ready
  const subscription = await registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: key.value.publicKey,
  })
  const { endpoint, keys } = subscription.toJSON()
  const { p256dh, auth } = keys ?? {}
  const kept =
    endpoint && p256dh && auth
      ? await subscribePush({ endpoint, keys: { p256dh, auth } })
      : { kind: 'offline' }
  if (kept.kind === 'ok') return 'yes'
  // A subscription that the server does not have wakes nobody.
  await subscription.unsubscribe()
  return 'no'
}

export async function turnPushOff(): Promise<PushState> {
  const subscription = await currentSubscription()
  if (subscription !== null) {
    await unsubscribePush({ endpoint: subscription.endpoint })
    await subscription.unsubscribe()
  }
  return 'no'
}

async function currentSubscription(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration()
  return (await registration?.pushManager.getSubscription()) ?? null
}
