import type { CheckIn, CheckInQuarantined, CheckInReceipt } from '@patrol/contract'
import type { HeldItem, HistoryItem, OutboxEntry, Store } from './store.ts'

/** As the server takes them. */
export const BATCH_SIZE = 50
/** The list of the day; older lines go. The record is the server's. */
const HISTORY_SIZE = 200

/** One request's outcome, as `sendCheckIns` of api.ts tells it. */
export type Sent =
  | { kind: 'answered'; results: (CheckInReceipt | CheckInQuarantined)[] }
  | { kind: 'logged-out' }
  /** No network (`offline`), or a server in trouble or asked too often: the same again later. */
  | { kind: 'unreachable'; offline: boolean; retryAfterSeconds: number | null }
  /** The request as a whole was refused (4xx). */
  | { kind: 'refused'; message: string }

/** Why the upload ended: nothing is left, or what is left has to wait. */
export type Drained =
  | { ended: 'empty' | 'logged-out' | 'refused' }
  | { ended: 'unreachable'; offline: boolean; retryAfterSeconds: number | null }

/**
 * Saves a check-in. When this returns, the disk has it: only then may the screen say so.
 * The same id a second time is the same check-in and changes nothing.
 * Throws what the database throws (`QuotaExceededError`): nothing is saved then.
 */
export async function addToOutbox(store: Store, checkIn: CheckIn, now: number): Promise<void> {
  // `strict`: on the disk, not in its cache, since a handheld's battery comes out.
  const change = store.transaction(['outbox', 'history', 'held'], 'readwrite', { durability: 'strict' })
  const outbox = change.objectStore('outbox')
  const known =
    (await outbox.index('id').getKey(checkIn.id)) ??
    (await change.objectStore('history').getKey(checkIn.id)) ??
    (await change.objectStore('held').getKey(checkIn.id))
  if (known === undefined) await outbox.add({ id: checkIn.id, checkIn, addedAt: now, problem: null })
  await change.done
}

/** Oldest first. */
export function listOutbox(store: Store, limit: number): Promise<OutboxEntry[]> {
  return store.getAll('outbox', null, limit)
}

export function countOutbox(store: Store): Promise<number> {
  return store.count('outbox')
}

/** What became of a check-in, wherever it is now. */
export async function findCheckIn(store: Store, id: string) {
  const [waiting, done, held] = await Promise.all([
    store.getFromIndex('outbox', 'id', id),
    store.get('history', id),
    store.get('held', id),
  ])
  if (done) return { state: 'stored', receipt: done.receipt, addedAt: done.addedAt } as const
  if (held) return { state: 'held', item: held } as const
  return waiting ? ({ state: 'waiting', entry: waiting } as const) : null
}

/**
 * Sends everything, oldest first, in batches. An entry leaves on `stored` (to the history) or on `quarantined` (to
 * the held items) and on nothing else; what is refused otherwise stays, with the reason, and does not block the rest.
 * One caller at a time: see `upload.ts`.
 * @param isOwn whose check-ins the phone goes on showing; of another officer's, brought from a shared handheld, nothing stays
 */
export async function drainOutbox(
  store: Store,
  send: (checkIns: CheckIn[]) => Promise<Sent>,
  onStored: (receipts: CheckInReceipt[]) => void = () => {},
  isOwn: (checkIn: CheckIn) => boolean = () => true,
): Promise<Drained> {
  let after = 0
  let size = BATCH_SIZE
  let refused = false
  for (;;) {
    const entries = await store.getAll('outbox', IDBKeyRange.lowerBound(after, true), size)
    const last = entries.at(-1)
    if (!last) return { ended: refused ? 'refused' : 'empty' }
    const sent = await send(entries.map((entry) => entry.checkIn))
    if (sent.kind === 'logged-out') return { ended: 'logged-out' }
    if (sent.kind === 'unreachable') {
      return { ended: 'unreachable', offline: sent.offline, retryAfterSeconds: sent.retryAfterSeconds }
    }
    if (sent.kind === 'refused' && entries.length > 1) {
      // Something in this batch: smaller ones find it, so that it blocks nothing but itself.
      size = Math.ceil(entries.length / 2)
      continue
    }
    const problem = sent.kind === 'refused' ? sent.message : 'no answer for this item'
    const results = sent.kind === 'answered' ? sent.results : []
    const left = await settle(store, entries, results, { problem, isOwn })
    if (left > 0) refused = true
    after = last.seq ?? after
    size = Math.min(BATCH_SIZE, size * 2)
    onStored(results.filter((result) => 'stored' in result))
  }
}

/** Puts each answered entry where it belongs, in one transaction. Returns how many stay. */
async function settle(
  store: Store,
  entries: OutboxEntry[],
  results: (CheckInReceipt | CheckInQuarantined)[],
  { problem, isOwn }: { problem: string; isOwn: (checkIn: CheckIn) => boolean },
): Promise<number> {
  const change = store.transaction(['outbox', 'history', 'held'], 'readwrite', { durability: 'strict' })
  const outbox = change.objectStore('outbox')
  let left = 0
  for (const [place, entry] of entries.entries()) {
    const answer = findAnswer(results, entry, place, entries.length)
    if (answer && 'stored' in answer) {
      if (isOwn(entry.checkIn)) await change.objectStore('history').put(historyItem(entry, answer))
    } else if (answer) {
      if (isOwn(entry.checkIn)) await change.objectStore('held').put(heldItem(entry, answer))
    } else {
      left++
      // Gone meanwhile means another tab settled it.
      if (entry.seq !== undefined && (await outbox.getKey(entry.seq)) !== undefined) {
        await outbox.put({ ...entry, problem })
      }
      continue
    }
    if (entry.seq !== undefined) await outbox.delete(entry.seq)
  }
  const history = change.objectStore('history').index('addedAt')
  let surplus = (await history.count()) - HISTORY_SIZE
  for (let cursor = await history.openCursor(); cursor && surplus > 0; cursor = await cursor.continue()) {
    await cursor.delete()
    surplus--
  }
  await change.done
  return left
}

/** By id; an item whose very id could not be read is answered at its place. */
function findAnswer(
  results: (CheckInReceipt | CheckInQuarantined)[],
  entry: OutboxEntry,
  place: number,
  count: number,
) {
  const own = results.find((result) => result.id === entry.id)
  if (own) return own
  const there = results.length === count ? results[place] : undefined
  return there?.id === null ? there : undefined
}

const historyItem = (entry: OutboxEntry, receipt: CheckInReceipt): HistoryItem => ({
  id: entry.id,
  addedAt: entry.addedAt,
  receipt,
})

const heldItem = (entry: OutboxEntry, { field, message }: CheckInQuarantined): HeldItem => ({
  id: entry.id,
  checkIn: entry.checkIn,
  addedAt: entry.addedAt,
  field,
  message,
})
