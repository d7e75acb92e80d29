import type { TagRead } from './nfc.ts'
import { open, route } from './route.svelte.ts'
import type { Store } from './store.ts'
import { submitCheckIn } from './submit.ts'
import { proofOfTag } from './tag-proof.ts'
import { noticeTag } from './tags.ts'
import { vibrate } from './vibrate.ts'

/** A tag at the phone is a check-in, without a touch of the screen. */
export async function checkInByTag(store: Store, tag: TagRead): Promise<void> {
  const proof = proofOfTag(tag)
  if (proof === null) {
    noticeTag('foreign')
    return vibrate('problem')
  }
  const submitted = await submitCheckIn(store, proof)
  // From the camera or the verdict before, Back leads to where the officer was.
  const passing = ['scan', 'typed', 'verdict', 'unsaved', 'confirm'].includes(route.screen.name)
  const how = passing ? 'replace' : 'push'
  if (submitted.saved) open({ name: 'verdict', id: submitted.id }, how)
  else open({ name: 'unsaved', id: submitted.reason }, how)
}
