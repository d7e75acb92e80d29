import type { CheckIn, CheckInReceipt } from '@patrol/contract'
import { sendCheckIns, sendReplies } from './api.ts'
import { applyReceipt } from './duty.ts'
import { field } from './field.svelte.ts'
import { countOutbox, type Drained, drainOutbox, listOutbox } from './outbox.ts'
import { drainReplies } from './replies.ts'
import { refreshDuty } from './session.ts'
import { sendCalls } from './sos.ts'
import type { Store } from './store.ts'
import { drainRecords } from './work-records.ts'

/** More than a shift has points. */
const MARKED = 200
const BACK_OFF_MS = { least: 2_000, most: 60_000 }
/** However long a server asks us to wait. */
const LONGEST_WAIT_MS = 300_000

/** Tells the other tabs that the outbox or the log-in changed. */
const otherTabs = new BroadcastChannel('patrol-field')

let running = false
let again = false
let failures = 0
let timer: ReturnType<typeof setTimeout> | undefined

/** Starts to listen to other tabs, and uploads what an earlier run of the app left. */
export async function startUploading(store: Store, onLogInChanged: () => void): Promise<void> {
  otherTabs.onmessage = ({ data }) => {
    if (data === 'log-in') onLogInChanged()
    void refreshCounts(store)
  }
  await refreshCounts(store)
  void upload(store)
}

export function announce(what: 'outbox' | 'log-in'): void {
  otherTabs.postMessage(what)
}

export async function refreshCounts(store: Store): Promise<void> {
  const [waiting, held] = await Promise.all([countOutbox(store), store.count('held')])
  field.lastWaiting = (await listOutbox(store, MARKED)).map(({ checkIn }) => checkIn).filter(isOwn)
  field.lastReceipts = (await store.getAll('history')).map(({ receipt }) => receipt)
  field.waiting = waiting
  field.held = held
  field.outboxChanges++
}

/** Sends what waits. Called at start, online, visible, after every check-in, and by its own timer. */
export async function upload(store: Store): Promise<void> {
  void sendCalls(store)
  if (running) {
    again = true
    return
  }
  running = true
  clearTimeout(timer)
  try {
    do {
      again = false
      schedule(store, await oneTabAtATime(() => drainOnce(store)))
      // A check-in that came during a failing upload waits for the timer like the others.
    } while (again && failures === 0 && field.access === 'logged-in')
  } finally {
    running = false
  }
}

async function drainOnce(store: Store): Promise<Drained> {
  if (field.access !== 'logged-in') return { ended: 'logged-out' }
  let stored = 0
  const hear = (receipts: CheckInReceipt[]) => {
    stored += receipts.length
    field.online = true
    showProgress(receipts)
    void refreshCounts(store)
    announce('outbox')
  }
  const drained = await drainOutbox(store, sendCheckIns, hear, isOwn)
  if (stored > 0) void refreshDuty(store)
  if (drained.ended === 'unreachable' || drained.ended === 'logged-out') return drained
  await drainRecords(store)
  return (await sendWhatWasSaid(store)) ?? drained
}

/** Answers to cards and visits, after the check-ins. Null when nothing is left that could be sent now. */
async function sendWhatWasSaid(store: Store): Promise<Drained | null> {
  const { settled, stopped } = await drainReplies(store, sendReplies)
  if (settled > 0) {
    field.online = true
    void refreshCounts(store)
    announce('outbox')
  }
  if (stopped === null) return null
  if (stopped.kind === 'logged-out') return { ended: 'logged-out' }
  return { ended: 'unreachable', offline: stopped.offline, retryAfterSeconds: stopped.retryAfterSeconds }
}

const isOwn = ({ officerId }: CheckIn) => officerId === undefined || officerId === field.officer?.id

function showProgress(receipts: CheckInReceipt[]): void {
  for (const receipt of receipts) if (field.duty) field.duty = applyReceipt(field.duty, receipt)
}

function schedule(store: Store, drained: Drained): void {
  const { ended } = drained
  const unreachable = ended === 'unreachable' ? drained : null
  failures = unreachable || ended === 'refused' ? failures + 1 : 0
  if (unreachable) field.online = !unreachable.offline
  if (ended === 'logged-out' && field.access === 'logged-in') field.access = 'expired'
  if (failures === 0) return
  const least = ended === 'refused' ? BACK_OFF_MS.most : BACK_OFF_MS.least
  const wait = Math.min(BACK_OFF_MS.most, least * 2 ** (failures - 1)) * (0.75 + Math.random() / 2)
  const asked = Math.min(LONGEST_WAIT_MS, (unreachable?.retryAfterSeconds ?? 0) * 1000)
  timer = setTimeout(() => void upload(store), Math.max(wait, asked))
}

/** Two tabs that drain at once would send everything twice. Without locks (no HTTPS) that is all that happens. */
function oneTabAtATime<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks ? navigator.locks.request('outbox', work) : work()
}
