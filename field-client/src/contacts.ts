import type { BeatContacts, ContactDetails, OpeningPurpose, Surroundings } from '@patrol/contract'
import { askContacts, askSurroundings, openContact } from './api.ts'
import { field } from './field.svelte.ts'
import { readSetting, type Store, writeSetting } from './store.ts'
import { makeUuidV7 } from './uuid-v7.ts'

export type ContactList = BeatContacts & { fetchedAt: number }
export type ListState = { list: ContactList | null; state: 'fresh' | 'kept' | 'off' }

/**
 * The masked list: from the server, or without a connection the one of last time. It is all of a contact that the phone ever keeps;
 * a log-out wipes it.
 */
export async function loadContacts(store: Store): Promise<ListState> {
  const officerId = field.officer?.id
  if (officerId === undefined) return { list: null, state: 'kept' }
  const answer = await askContacts()
  if (field.officer?.id !== officerId) return { list: null, state: 'kept' }
  if (answer.kind === 'ok') {
    const list = { ...answer.value, fetchedAt: Date.now() }
    await writeSetting(store, 'contacts', { officerId, list })
    return { list, state: 'fresh' }
  }
  const gone = answer.kind === 'problem' && ['CONTACTS_OFF', 'NOT_ALLOWED'].includes(answer.problem.code)
  if (gone) await store.delete('setting', 'contacts')
  const kept = gone ? undefined : await readSetting(store, 'contacts')
  return { list: kept?.officerId === officerId ? kept.list : null, state: gone ? 'off' : 'kept' }
}

export type Opened = ContactDetails | 'offline' | 'too-many' | 'refused'

/** Needs a connection, and is on record. What comes back is kept by the screen alone, for as long as it says. */
export async function openDetails(contactId: string, purpose: OpeningPurpose): Promise<Opened> {
  const answer = await openContact(contactId, { purpose })
  if (answer.kind === 'ok') return answer.value
  if (answer.kind === 'offline') return 'offline'
  return answer.problem.code === 'TOO_MANY_REQUESTS' ? 'too-many' : 'refused'
}

/** What lies around this door, before anybody's name. Null without a connection. */
export async function lookAround(): Promise<Surroundings | null> {
  const { here } = field
  const answer = await askSurroundings({
    id: makeUuidV7(Date.now()),
    position: here && { lon: here.lon, lat: here.lat },
  })
  return answer.kind === 'ok' ? answer.value : null
}
