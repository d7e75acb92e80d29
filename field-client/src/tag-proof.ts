import type { TagProof } from '@patrol/contract'
import type { TagRead } from './nfc.ts'
import { readCodePath } from './point-code.ts'

/** What a secure tag mirrors after its code: its encrypted number and counter, and the MAC (server/docs/proof-of-presence.md). */
const MIRRORED = /^\?p=[0-9a-f]{32}&m=[0-9a-f]{16}$/i

/** The proof that a tag gave; null where it is none of ours, such as a travel card. */
export function proofOfTag({ uid, url, blank }: TagRead): TagProof | null {
  const path = url === null ? null : /^https?:\/\/[^/?#\s]+(\/[^?#\s]*)(\?[^#\s]*)?$/i.exec(url)
  if (url !== null && path?.[1] !== undefined && readCodePath(path[1]) !== null) {
    return MIRRORED.test(path[2] ?? '') ? { kind: 'sun', url } : { kind: 'uid', uid, ndefUrl: url }
  }
  // Enrolled by its number alone.
  return blank && uid !== '' ? { kind: 'uid', uid } : null
}

/**
 * The proof in the address that a phone opened by itself.
 * @param opened what followed `/c/`: the code, and after a secure tag's tap its mirrored proof
 */
export function proofOfAddress(opened: string): TagProof {
  const [code = '', search] = opened.split('?')
  return search !== undefined && MIRRORED.test(`?${search}`)
    ? { kind: 'sun', url: `${location.origin}/c/${opened}` }
    : { kind: 'qr', code }
}
