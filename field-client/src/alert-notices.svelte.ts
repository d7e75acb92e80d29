import type { AlertNotice } from '@patrol/contract'
import { askNotices, sendSeenNotice } from './api.ts'
import { field } from './field.svelte.ts'
import { ringTone } from './tone.ts'
import { vibrate } from './vibrate.ts'

/** Alerts that nobody answered, put before this officer as duty officer or supervisor. In memory only. */
class NoticesState {
  officerId: number | undefined
  all = $state.raw<AlertNotice[]>([])
  unseen = $derived(this.all.filter(({ seenAt }) => seenAt === null))
}

export const notices = new NoticesState()

/** Asks for them, for those whom the ladder can reach; a new one is felt and heard. */
export async function refreshNotices(): Promise<void> {
  const officerId = field.officer?.id
  if (notices.officerId !== officerId) Object.assign(notices, { officerId, all: [] })
  const onLadder = field.me?.roles.some((role) => role === 'duty-officer' || role === 'supervisor')
  if (!onLadder || field.access !== 'logged-in') return
  const answer = await askNotices()
  if (answer.kind !== 'ok' || field.officer?.id !== officerId) return
  const known = new Set(notices.all.map(({ id }) => id))
  notices.all = answer.value.notices
  if (notices.unseen.some(({ id }) => !known.has(id))) {
    vibrate('problem')
    ringTone()
  }
}

export async function markSeen(id: number): Promise<void> {
  const answer = await sendSeenNotice(id)
  if (answer.kind === 'ok') await refreshNotices()
}
