import type { NewWorkNote } from '@patrol/contract'
import { putNote, putPhoto } from './api.ts'
import { field } from './field.svelte.ts'
import type { Store, WorkRecord } from './store.ts'
import { makeUuidV7 } from './uuid-v7.ts'

export type NoteKind = NewWorkNote['kind']

/** Puts a note beside a check-in, in the queue of its own: it never holds the check-in up. */
export function addNote(store: Store, checkInId: string, note: NoteKind): Promise<void> {
  return add(store, checkInId, { kind: 'note', note })
}

/** @param jpeg coded anew (photo.ts) */
export function addPhoto(store: Store, checkInId: string, jpeg: ArrayBuffer): Promise<void> {
  return add(store, checkInId, { kind: 'photo', jpeg })
}

async function add(
  store: Store,
  checkInId: string,
  what: { kind: 'note'; note: NoteKind } | { kind: 'photo'; jpeg: ArrayBuffer },
): Promise<void> {
  const officerId = field.officer?.id
  if (officerId === undefined) throw new Error('Nobody is logged in.')
  const change = store.transaction('record', 'readwrite', { durability: 'strict' })
  await change.store.add({
    ...what,
    id: makeUuidV7(Date.now()),
    checkInId,
    officerId,
    at: new Date(field.serverNow).toISOString(),
    addedAt: Date.now(),
    problem: null,
  })
  await change.done
}

/** What waits at a check-in, oldest first. */
export async function listRecords(store: Store, checkInId: string): Promise<WorkRecord[]> {
  const all = await store.getAllFromIndex('record', 'checkInId', checkInId)
  return all.sort((a, b) => a.addedAt - b.addedAt)
}

/**
 * Sends the officer's notes and photos, oldest first, each once its check-in is with the server. One that is refused stays,
 * with the reason, and does not block the others; without network, or with a server in trouble, all wait.
 */
export async function drainRecords(store: Store): Promise<void> {
  const own = (await store.getAll('record')).filter(({ officerId }) => officerId === field.officer?.id)
  for (const record of own.sort((a, b) => a.addedAt - b.addedAt)) {
    if ((await store.getKeyFromIndex('outbox', 'id', record.checkInId)) !== undefined) continue
    const answer = await send(record)
    if (answer.kind === 'ok') await store.delete('record', record.id)
    else if (
      answer.kind === 'offline' ||
      answer.status === 401 ||
      answer.status === 429 ||
      answer.status >= 500
    )
      return
    else await store.put('record', { ...record, problem: answer.problem.message })
  }
}

function send(record: WorkRecord) {
  const { id, checkInId, at } = record
  return record.kind === 'note'
    ? putNote(id, { checkInId, kind: record.note, notedAt: at })
    : putPhoto(id, { checkInId, takenAt: at }, record.jpeg)
}
