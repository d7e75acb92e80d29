import { diversifyTagKey } from './diversify-key.ts'
import { verifyEncryptedSun, type SunKeys, type SunVerdict } from './sun.ts'

// What a tag of ours mirrors into its URL: https://host/c/<code>?p=<32 hex: PICC data>&m=<16 hex: MAC>. The MAC covers all
// from the code up to itself, so that no part can be changed; the host is left out, since it may move. The template and its
// offsets for the writer's program are in tag/program-sheet.ts.
const tappedUrl = /\/c\/(([^/?#&]{1,80})\?p=([0-9A-Fa-f]{32})&m=)([0-9A-Fa-f]{16})$/

/** All keys of a tag that left the factory are zero. */
const factoryKey = Buffer.alloc(16)

/** The keys of all tags, from the master key (16 bytes). */
export function sunKeysOf(masterKey: Buffer): SunKeys {
  return {
    metaReadKey: diversifyTagKey(masterKey, 'metaRead', ''),
    fileReadKey: (uid) => diversifyTagKey(masterKey, 'fileRead', uid),
  }
}

/** Verifies the URL of one tap. Never throws, whatever the text is. */
export function verifySunUrl(url: string, keys: SunKeys): SunVerdict {
  const [, macInput, , piccData, cmac] = tappedUrl.exec(url) ?? []
  if (macInput === undefined) return { valid: false, reason: 'malformed-proof' }
  return verifyEncryptedSun({ piccData, cmac, macInput }, keys)
}

/**
 * Does the tap come from a tag that still signs with the key of the factory? Then anybody could have made it. `keys` are
 * ours: a tag that was programmed by halves has our key for its number and the factory's for its MAC.
 */
export function isOnFactoryKey(url: string, keys: SunKeys): boolean {
  return [factoryKey, keys.metaReadKey].some(
    (metaReadKey) => verifySunUrl(url, { metaReadKey, fileReadKey: () => factoryKey }).valid,
  )
}

/** The code in any URL that ends as ours do; null for others. */
export function codeOfUrl(url: string): string | null {
  return /\/c\/([^/?#&]{1,80})(?:[?#].*)?$/.exec(url)?.[1] ?? null
}
