import type { PhoneNews } from '@patrol/contract'
import { refreshNotices } from './alert-notices.svelte.ts'
import { affairs, recallOrders, refreshInbox, refreshOrders, sendAnswers } from './orders.svelte.ts'
import { refreshDuty } from './session.ts'
import type { Store } from './store.ts'

/** How often a phone asks that hears nothing: no socket, or a network that lets none through. */
const ASK_EVERY_MS = 15_000
/** No event tells a phone that the ladder has come to it. */
const NOTICES_EVERY_MS = 15_000

/**
 * The live channel of this phone: the server says what is new, and the phone asks for it. It also asks whenever the channel
 * opens, and from time to time while it is closed, so that nothing depends on a message that may be lost.
 * @returns how to end it
 */
export function startLive(store: Store): () => void {
  let ended = false
  let isHearing = false
  let close = () => {}

  async function ask(what: PhoneNews['what']): Promise<void> {
    if (what.includes('orders')) await (affairs.queued.length > 0 ? sendAnswers(store) : refreshOrders(store))
    if (what.includes('messages')) await refreshInbox()
    if (what.includes('duty')) await refreshDuty(store)
  }

  // Loaded when it is needed: the app itself starts without it.
  void import('socket.io-client')
    .then(({ io }) => {
      if (ended) return
      const socket = io('/phone', {
        transports: ['websocket'],
        reconnectionDelay: 500,
        reconnectionDelayMax: 5_000,
      })
      socket.on('connect', () => {
        isHearing = true
        void ask(['orders', 'messages', 'duty'])
      })
      socket.on('disconnect', () => (isHearing = false))
      socket.on('news', ({ what }: PhoneNews) => void ask(what))
      close = () => socket.disconnect()
    })
    .catch((error: unknown) => console.warn('no live channel, asking instead', error))
  void recallOrders(store).then(() => ask(['orders', 'messages']))
  void refreshNotices()
  const noticesTimer = setInterval(() => void refreshNotices(), NOTICES_EVERY_MS)
  const timer = setInterval(() => {
    if (!isHearing || affairs.queued.length > 0) void ask(['orders', 'messages'])
  }, ASK_EVERY_MS)

  return () => {
    ended = true
    clearInterval(timer)
    clearInterval(noticesTimer)
    close()
  }
}
