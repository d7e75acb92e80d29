import type { CheckIn, TagProof } from '@patrol/contract'
import { kindOfNextCheckIn } from './check-in-kind.svelte.ts'
import { type CheckInKind, makeCheckIn } from './check-in.ts'
import { signCheckIn } from './device-key.ts'
import { field } from './field.svelte.ts'
import { addToOutbox } from './outbox.ts'
import type { Store } from './store.ts'
import { announce, refreshCounts, upload } from './upload.ts'
import { makeUuidV7 } from './uuid-v7.ts'
import { endWatch } from './watch.svelte.ts'

export type Submitted =
  { saved: true; id: string } | { saved: false; reason: 'no-officer' | 'no-space' | 'failed' }

/**
 * One tap or scan becomes one check-in: built from this moment and signed, saved on the disk, then uploaded in its own time.
 * @param as its id, made before where a reload must not make a second one; and its kind
 */
export async function submitCheckIn(
  store: Store,
  proof: TagProof,
  { id, ...kind }: { id?: string } & CheckInKind = {},
): Promise<Submitted> {
  const deviceMs = Date.now()
  const monotonicMs = performance.now()
  const officerId = field.officer?.id
  if (officerId === undefined) return { saved: false, reason: 'no-officer' }
  const { mark, beacon, measured } = field
  const moment = { deviceMs, monotonicMs, mark, beacon, measured, officerId }
  const checkIn = makeCheckIn(id ?? makeUuidV7(deviceMs), proof, moment, { ...kindOfNextCheckIn(), ...kind })
  try {
    await addToOutbox(store, await signOrLeave(store, checkIn), deviceMs)
  } catch (error) {
    // Shown to the officer in words; the console keeps the rest for whoever debugs the phone.
    console.error('The check-in could not be saved', error)
    const full = error instanceof DOMException && error.name === 'QuotaExceededError'
    return { saved: false, reason: full ? 'no-space' : 'failed' }
  }
  if (checkIn.act === 'check-out') await endWatch(store)
  void upload(store)
  void refreshCounts(store)
  announce('outbox')
  return { saved: true, id: checkIn.id }
}

/** A key that fails costs a review, and never the check-in. */
async function signOrLeave(store: Store, checkIn: CheckIn): Promise<CheckIn> {
  try {
    return await signCheckIn(store, checkIn)
  } catch (error) {
    console.error('The check-in could not be signed', error)
    return checkIn
  }
}
