import { askSos, sendSos } from './api.ts'
import { field } from './field.svelte.ts'
import { askPosition, makeFix } from './position.ts'
import { serverTimeOf } from './server-time.ts'
import type { SosEntry, Store } from './store.ts'
import { makeUuidV7 } from './uuid-v7.ts'

/** Somebody waits for help: oftener than check-ins. */
const RETRY_MS = 3_000
/** A place that is not known yet may cost the call so much time, and no more. */
const PLACE_WITHIN_MS = 2_000

/** Calls that the disk did not take: a full disk must not silence a call for help. */
const unsaved = new Map<string, SosEntry>()
let timer: ReturnType<typeof setTimeout> | undefined

/** Calls for help: kept on the disk, and sent before everything else. Returns the call's id at once. */
export function callForHelp(store: Store): string | null {
  const officerId = field.officer?.id
  if (officerId === undefined) return null
  const id = makeUuidV7(Date.now())
  const calledAt = new Date(serverTimeOf(Date.now(), field.mark)).toISOString()
  const entry: SosEntry = { id, call: { id, calledAt, position: findFix(), officerId }, receipt: null }
  field.calls = [entry, ...field.calls]
  void start(store, entry)
  return id
}

async function start(store: Store, entry: SosEntry): Promise<void> {
  await keep(store, entry)
  if (entry.call.position === null) {
    const measured = await askPosition(PLACE_WITHIN_MS)
    if (measured) field.measured = measured
    await keep(store, { ...entry, call: { ...entry.call, position: findFix() } })
  }
  await sendCalls(store)
}

function findFix() {
  const deviceMs = Date.now()
  return makeFix(field.measured, { deviceMs, serverMs: serverTimeOf(deviceMs, field.mark) })
}

/** Sends what is unsent, the newest first, and asks about the answered ones. Called by the uploads and by its own timer. */
export async function sendCalls(store: Store): Promise<void> {
  clearTimeout(timer)
  const calls = await recallCalls(store)
  await Promise.all(calls.filter(({ receipt }) => receipt === null).map((entry) => sendOne(store, entry)))
  if (field.calls.some(({ receipt }) => receipt === null)) {
    timer = setTimeout(() => void sendCalls(store), RETRY_MS)
  }
}

async function sendOne(store: Store, entry: SosEntry): Promise<void> {
  const answer = await sendSos(entry.call)
  if (answer.kind === 'ok') return keep(store, { ...entry, receipt: answer.value })
  if (answer.kind === 'problem' && answer.problem.code === 'INVALID_INPUT' && entry.call.position !== null) {
    // Better without a place than not at all.
    await keep(store, { ...entry, call: { ...entry.call, position: null } })
  }
}

/** Asks who has heard a call; nothing changes without an answer. */
export async function followCall(store: Store, entry: SosEntry): Promise<void> {
  const answer = await askSos(entry.id)
  if (answer.kind === 'ok') await keep(store, { ...entry, receipt: answer.value })
}

/** Shows this officer's calls; an app that was killed remembers them. */
export async function recallCalls(store: Store): Promise<SosEntry[]> {
  const kept = [...unsaved.values(), ...(await store.getAll('sos'))]
  kept.sort((a, b) => (a.id < b.id ? 1 : -1))
  field.calls = kept.filter(({ call }) => call.officerId === field.officer?.id)
  return kept
}

async function keep(store: Store, entry: SosEntry): Promise<void> {
  try {
    await store.put('sos', entry)
    unsaved.delete(entry.id)
  } catch (error) {
    console.error('The call for help is not on the disk; it is sent from memory', error)
    unsaved.set(entry.id, entry)
  }
  field.calls = field.calls.map((other) => (other.id === entry.id ? entry : other))
}

export function stateOfCall({ receipt }: SosEntry): 'unsent' | 'sent' | 'acknowledged' | 'closed' {
  if (receipt === null) return 'unsent'
  if (receipt.closed) return 'closed'
  return receipt.acknowledgedAt === null ? 'sent' : 'acknowledged'
}

/** At a log-out: what has arrived is forgotten; what has not stays until it does. */
export async function forgetCalls(store: Store): Promise<void> {
  const change = store.transaction('sos', 'readwrite')
  for (const { id, receipt } of await change.store.getAll())
    if (receipt !== null) await change.store.delete(id)
  await change.done
  field.calls = []
}
