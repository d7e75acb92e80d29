import { field } from './field.svelte.ts'
import { findTagReader, type TagRead } from './nfc.ts'

/** A tag that stays at the phone is read again and again: that is one tap. */
const SAME_TAP_MS = 5_000
const NOTICE_MS = 8_000

type Taker = (tag: TagRead) => void

/** Who gets the next tags: the last that asked, such as the enrolment of tags; else whoever checks in. */
const takers: Taker[] = []
let last = { uid: '', atMs: -Infinity }

/** Takes all tags until the returned function is called. */
export function takeTags(taker: Taker): () => void {
  takers.push(taker)
  return () => takers.splice(takers.indexOf(taker), 1)
}

/**
 * Reads tags until the returned function is called, where the officer has allowed it.
 * @param asked the officer wants it now, so the browser may ask for the permission
 */
export function readTags(asked: boolean): () => void {
  const reader = findTagReader()
  const stopped = new AbortController()
  if (!reader) {
    field.nfc = 'absent'
    return () => {}
  }
  const start = async () => {
    const allowed = await reader.isAllowed()
    if (stopped.signal.aborted) return
    if (allowed === false) field.nfc = 'denied'
    else if (allowed === null && !asked) field.nfc = 'asks'
    else {
      await reader.read(hear, () => noticeTag('unreadable'), stopped.signal)
      if (!stopped.signal.aborted) field.nfc = 'reading'
    }
  }
  start().catch((error: unknown) => {
    if (stopped.signal.aborted) return
    const name = error instanceof DOMException ? error.name : ''
    field.nfc = name === 'NotAllowedError' ? 'denied' : 'off'
  })
  return () => stopped.abort()
}

let fading: ReturnType<typeof setTimeout> | undefined

/** Says for a while what was wrong with a tag. */
export function noticeTag(notice: NonNullable<typeof field.tagNotice>): void {
  field.tagNotice = notice
  clearTimeout(fading)
  fading = setTimeout(() => (field.tagNotice = null), NOTICE_MS)
}

function hear(tag: TagRead): void {
  const again = tag.uid === last.uid && performance.now() - last.atMs < SAME_TAP_MS
  last = { uid: tag.uid, atMs: performance.now() }
  if (again) return
  field.tagNotice = null
  takers.at(-1)?.(tag)
}
