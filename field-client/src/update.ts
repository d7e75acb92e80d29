import { field } from './field.svelte.ts'
import { route } from './route.svelte.ts'

/** A shift is 8 to 12 hours; a phone that never closes the app shall still hear of an update. */
const LOOK_EVERY_MS = 3_600_000

/**
 * Registers the service worker, and takes a new version only when the officer says so, or when nobody looks.
 * The outbox is in the database and does not notice.
 */
export async function startUpdates(): Promise<void> {
  if (!('serviceWorker' in navigator) || !import.meta.env.PROD) return
  const controlled = navigator.serviceWorker.controller !== null
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    // The first worker takes over a page that is already right.
    if (controlled) reloadWhenIdle()
  })
  const base = import.meta.env.BASE_URL
  const registration = await navigator.serviceWorker.register(`${base}service-worker.js`, { scope: base })
  // An iPhone opens a tag's address outside the app; without network only a worker of that address can answer.
  const beforeTags = await navigator.serviceWorker.register(`${base}service-worker.js`, { scope: '/c/' })
  const look = () => (field.updateReady = controlled && registration.waiting !== null)
  look()
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', look)
  })
  const ask = () => {
    // Without network there is nothing to hear.
    for (const one of [registration, beforeTags]) one.update().catch(() => {})
  }
  setInterval(ask, LOOK_EVERY_MS)
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') ask()
  })
}

/** Lets the waiting version take over; the page then reloads. */
export async function takeUpdate(): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration()
  registration?.waiting?.postMessage('take-over')
}

/** Never in the middle of a scan or a verdict, also when another tab took the update. */
function reloadWhenIdle(): void {
  if (route.screen.name === 'ready' || document.visibilityState === 'hidden') location.reload()
  else setTimeout(reloadWhenIdle, 2_000)
}
