import type { LostOrder, Order, ProblemCode, ReceivedMessage } from '@patrol/contract'
import { askInbox, askOrders, sendAnswer, sendReadMessages } from './api.ts'
import { field } from './field.svelte.ts'
import { changeAnswers, readSetting, type QueuedAnswer, type Store, writeSetting } from './store.ts'
import { ringTone } from './tone.ts'
import { makeUuidV7 } from './uuid-v7.ts'
import { vibrate } from './vibrate.ts'

/** An answer that came too late: shown until somebody has seen it. */
export interface RefusedAnswer {
  answer: QueuedAnswer
  code: ProblemCode
  /** Call sign of who holds the order now, where the server said so. */
  about: string
}

/** Orders and messages as the screens show them. The record is the server's; what waits to be sent is in the store. */
class OrdersState {
  /** Whose they are: on a shared handheld the next officer sees none of them. */
  officerId: number | undefined
  orders = $state.raw<Order[]>([])
  lost = $state.raw<LostOrder[]>([])
  messages = $state.raw<ReceivedMessage[]>([])
  queued = $state.raw<QueuedAnswer[]>([])
  refused = $state.raw<RefusedAnswer[]>([])
  /** Ids of lost orders that the officer has seen. */
  seenLost = $state.raw<ReadonlySet<string>>(new Set())

  /** Those that nobody has answered yet. */
  unanswered = $derived(
    this.orders.filter(
      ({ id, epoch, state }) =>
        state === 'ordered' && !this.queued.some((one) => one.orderId === id && one.epoch === epoch),
    ),
  )
  unread = $derived(this.messages.filter(({ readAt }) => readAt === null))
  news = $derived(
    this.unanswered.length +
      this.refused.length +
      this.lost.filter(({ id, at }) => !this.seenLost.has(id + at)).length,
  )
}

export const affairs = new OrdersState()

/** Shows what the phone remembers: the order must be readable in a basement. */
export async function recallOrders(store: Store): Promise<void> {
  const officerId = field.officer?.id
  if (affairs.officerId !== officerId)
    Object.assign(affairs, { officerId, orders: [], lost: [], messages: [], refused: [] })
  const kept = await readSetting(store, 'orders')
  affairs.queued = ((await readSetting(store, 'answers')) ?? []).filter((one) => one.officerId === officerId)
  if (kept && kept.officerId === officerId && affairs.orders.length === 0) affairs.orders = kept.orders
}

/** Asks for orders; a new one is felt and heard. */
export async function refreshOrders(store: Store): Promise<void> {
  const officerId = field.officer?.id
  if (officerId === undefined || field.access !== 'logged-in') return
  const answer = await askOrders()
  if (answer.kind !== 'ok' || field.officer?.id !== officerId) return
  const known = new Set(affairs.orders.map(({ id, epoch }) => `${id} ${epoch}`))
  affairs.orders = answer.value.orders
  affairs.lost = answer.value.lost
  await writeSetting(store, 'orders', { officerId, orders: answer.value.orders })
  if (affairs.unanswered.some(({ id, epoch }) => !known.has(`${id} ${epoch}`))) {
    vibrate('problem')
    ringTone()
  }
}

/** Asks for messages; an unread one that was not there before is felt. */
export async function refreshInbox(): Promise<void> {
  const officerId = field.officer?.id
  if (officerId === undefined || field.access !== 'logged-in') return
  const answer = await askInbox()
  if (answer.kind !== 'ok' || field.officer?.id !== officerId) return
  const known = new Set(affairs.messages.map(({ id }) => id))
  affairs.messages = answer.value.messages
  const fresh = affairs.unread.filter(({ id }) => !known.has(id))
  if (fresh.length > 0) vibrate('ok')
  if (fresh.some(({ urgent }) => urgent)) ringTone()
}

/** Tells the sender that these were read. Without network it is told with the next look. */
export async function readMessages(ids: string[]): Promise<void> {
  if (ids.length === 0) return
  const answer = await sendReadMessages(ids)
  if (answer.kind !== 'ok') return
  const readAt = new Date(field.serverNow).toISOString()
  affairs.messages = affairs.messages.map((one) => (ids.includes(one.id) ? { ...one, readAt } : one))
}

/** Answers an order: on the disk first, then to the server, now or when there is a network. */
export async function answer(
  store: Store,
  { id, epoch, title }: Order,
  act: QueuedAnswer['act'],
  reason?: string,
): Promise<void> {
  const officerId = field.officer?.id
  if (officerId === undefined) return
  const claimedAt = new Date(field.serverNow).toISOString()
  const given: QueuedAnswer = {
    id: makeUuidV7(field.deviceNow),
    officerId,
    orderId: id,
    title,
    epoch,
    act,
    claimedAt,
  }
  await changeQueue(store, (queue) => [...queue, reason === undefined ? given : { ...given, reason }])
  vibrate('ok')
  await sendAnswers(store)
}

/** Sends what waits, oldest first, one tab at a time. What the server refuses leaves too, and is shown with the reason. */
export async function sendAnswers(store: Store): Promise<void> {
  await navigator.locks.request('patrol-answers', async () => {
    for (;;) {
      const officerId = field.officer?.id
      const next = ((await readSetting(store, 'answers')) ?? []).find((one) => one.officerId === officerId)
      if (!next || field.access !== 'logged-in') return
      const { orderId, officerId: _officer, title: _title, ...body } = next
      const result = await sendAnswer(orderId, body)
      if (result.kind === 'offline') return
      if (result.kind === 'problem') {
        // Not this answer but everything is refused now.
        if (result.status === 401 || result.status === 429 || result.status >= 500) return
        const { code, about = '' } = result.problem
        affairs.refused = [...affairs.refused, { answer: next, code, about }]
        vibrate('problem')
      } else {
        const order = result.value
        affairs.orders = affairs.orders.map((one) => (one.id === order.id ? order : one))
      }
      await changeQueue(store, (queue) => queue.filter(({ id }) => id !== next.id))
    }
  })
  await refreshOrders(store)
}

export function dismiss(refused: RefusedAnswer): void {
  affairs.refused = affairs.refused.filter((one) => one !== refused)
}
export function dismissLost({ id, at }: LostOrder): void {
  affairs.seenLost = new Set([...affairs.seenLost, id + at])
}

async function changeQueue(store: Store, change: (queue: QueuedAnswer[]) => QueuedAnswer[]): Promise<void> {
  affairs.queued = await changeAnswers(store, change)
}
