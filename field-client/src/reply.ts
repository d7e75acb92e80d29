import type { BriefingCard, FeedbackAnswer, VisitOutcome } from '@patrol/contract'
import { field } from './field.svelte.ts'
import { addReply, type Reply } from './replies.ts'
import type { Store } from './store.ts'
import { announce, refreshCounts, upload } from './upload.ts'
import { makeUuidV7 } from './uuid-v7.ts'

const now = () => new Date(field.serverNow).toISOString()
const who = () => (field.officer === null ? {} : { officerId: field.officer.id })

/** One tap on a card. Saved on the phone when this returns, and sent in its own time. */
export function giveFeedback(
  store: Store,
  occasionId: string,
  { kind, refId }: Pick<BriefingCard, 'kind' | 'refId'>,
  answer: FeedbackAnswer,
  text = '',
): Promise<void> {
  const id = makeUuidV7(Date.now())
  const words = text.trim() === '' ? {} : { text: text.trim() }
  const item = { id, occasionId, kind, refId, answer, ...words, givenAt: now(), ...who() }
  return save(store, { id, kind: 'feedback', item })
}

export async function startVisit(store: Store, contactId: string): Promise<void> {
  const id = makeUuidV7(Date.now())
  await save(store, {
    id,
    kind: 'visit',
    item: { id, contactId, startedAt: now(), finished: null, ...who() },
  })
}

export function finishVisit(
  store: Store,
  visit: Reply & { kind: 'visit' },
  outcome: VisitOutcome,
): Promise<void> {
  return save(store, { ...visit, item: { ...visit.item, finished: { at: now(), outcome } } })
}

async function save(store: Store, reply: Reply): Promise<void> {
  await addReply(store, reply, Date.now())
  await refreshCounts(store)
  announce('outbox')
  void upload(store)
}
