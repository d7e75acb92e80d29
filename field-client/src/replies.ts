import type { Feedback, ItemAnswer, Visit } from '@patrol/contract'
import type { Store } from './store.ts'

/** What the officer told about a card or a visit: small, and safe to send twice. */
export type Reply = { id: string } & ({ kind: 'feedback'; item: Feedback } | { kind: 'visit'; item: Visit })

export type StoredReply = Reply & {
  addedAt: number
  /** `sent` ones are kept for the day, so that the screen still shows what was said; `refused` ones, so that it does not lie. */
  state: 'waiting' | 'sent' | 'refused'
}

export type SentReplies =
  | { kind: 'answered'; results: ItemAnswer[] }
  | { kind: 'logged-out' }
  | { kind: 'unreachable'; offline: boolean; retryAfterSeconds: number | null }

const BATCH_SIZE = 50
/** Sent ones of a day; older ones go. */
const KEPT = 200

/** Saves a reply, on the disk when this returns. The same id again is its newer version: a visit that is over. */
export async function addReply(store: Store, reply: Reply, now: number): Promise<void> {
  const change = store.transaction('reply', 'readwrite', { durability: 'strict' })
  const known = await change.store.get(reply.id)
  await change.store.put({ ...reply, addedAt: known?.addedAt ?? now, state: 'waiting' })
  await change.done
}

/** Oldest first. */
export async function listReplies(store: Store): Promise<StoredReply[]> {
  return store.getAllFromIndex('reply', 'addedAt')
}

export type DrainedReplies = {
  /** How many were answered. */
  settled: number
  /** Why the rest has to wait; null when nothing is left that could be sent now. */
  stopped: Exclude<SentReplies, { kind: 'answered' }> | null
}

/** Sends what waits, feedback and visits each to its door, oldest first. */
export async function drainReplies(
  store: Store,
  send: (kind: Reply['kind'], items: Reply['item'][]) => Promise<SentReplies>,
): Promise<DrainedReplies> {
  let settled = 0
  for (const kind of ['visit', 'feedback'] as const) {
    for (;;) {
      const waiting = (await listReplies(store)).filter((one) => one.kind === kind && one.state === 'waiting')
      const batch = waiting.slice(0, BATCH_SIZE)
      if (batch.length === 0) break
      const sent = await send(
        kind,
        batch.map(({ item }) => item),
      )
      if (sent.kind !== 'answered') return { settled, stopped: sent }
      const answered = await settle(store, batch, sent.results)
      // A server that answers none of them will not do so at once.
      if (answered === 0) break
      settled += answered
    }
  }
  await forgetOld(store)
  return { settled, stopped: null }
}

/** Marks what was answered; a reply that changed while it was on its way stays, and goes again. */
async function settle(
  store: Store,
  batch: readonly StoredReply[],
  results: readonly ItemAnswer[],
): Promise<number> {
  const change = store.transaction('reply', 'readwrite', { durability: 'strict' })
  let settled = 0
  for (const entry of batch) {
    const answer = results.find(({ id }) => id === entry.id)
    if (answer === undefined) continue
    settled++
    const current = await change.store.get(entry.id)
    if (current === undefined || JSON.stringify(current.item) !== JSON.stringify(entry.item)) continue
    await change.store.put({ ...current, state: 'stored' in answer ? 'sent' : 'refused' })
  }
  await change.done
  return settled
}

async function forgetOld(store: Store): Promise<void> {
  const done = (await listReplies(store)).filter(({ state }) => state !== 'waiting')
  const change = store.transaction('reply', 'readwrite')
  for (const { id } of done.slice(0, Math.max(0, done.length - KEPT))) await change.store.delete(id)
  await change.done
}

/** At log-out: what was said is the server's now; what waits is uploaded by the next log-in. */
export async function wipeReplies(store: Store): Promise<void> {
  const change = store.transaction('reply', 'readwrite')
  for await (const cursor of change.store) if (cursor.value.state !== 'waiting') await cursor.delete()
  await change.done
}
