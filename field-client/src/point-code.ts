// The two codes of a label: the long one in its QR (opaque to the phone), and the readable one under it.

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
/** Crockford's 37 check symbols: the digits, then five that are no digits. */
const CHECK_SYMBOLS = `${DIGITS}*~$=U`
/** An opaque 64-bit id in base 32. */
const ID_DIGITS = 13

/**
 * The code in a scanned text: the last part of `https://host/c/<code>`, whatever the host (labels outlive
 * a change of address), or a bare code. Null for any other QR, such as a shop's.
 */
export function readScannedCode(text: string): string | null {
  const trimmed = text.trim()
  if (/^[0-9A-Za-z]{20,80}$/.test(trimmed)) return trimmed
  const path = /^https?:\/\/[^/?#\s]+(\/[^?#\s]*)/i.exec(trimmed)?.[1]
  return path ? readCodePath(path) : null
}

/** The code in the path `/c/<code>` (or `/field/c/<code>`, this app's own page for it), else null. */
export function readCodePath(pathname: string): string | null {
  return /^(?:\/field)?\/c\/([0-9A-Za-z*~$=._-]{1,80})\/?$/i.exec(pathname)?.[1] ?? null
}

export type TypedCode =
  | { state: 'complete'; code: string }
  | { state: 'incomplete'; count: number }
  | { state: 'wrong-character' }
  | { state: 'wrong-check' }

/** How many characters the readable code has, the check character included. */
export const TYPED_LENGTH = ID_DIGITS + 1

/**
 * Reads what was typed as Crockford means it: case, blanks and hyphens do not matter, `O` is 0, `I` and `L` are 1;
 * full-width characters of a Chinese keyboard are read too. `code` is canonical: 13 digits and the check character.
 * https://www.crockford.com/base32.html
 */
export function readTypedCode(typed: string): TypedCode {
  const text = typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\-‐-―−_.]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1')
  const digits = text.slice(0, ID_DIGITS)
  if ([...digits].some((digit) => !DIGITS.includes(digit))) return { state: 'wrong-character' }
  if (text.length < TYPED_LENGTH) return { state: 'incomplete', count: text.length }
  if (text.length > TYPED_LENGTH) return { state: 'wrong-check' }
  if (!CHECK_SYMBOLS.includes(text.slice(ID_DIGITS))) return { state: 'wrong-character' }
  return text.endsWith(checkCharacter(digits)) ? { state: 'complete', code: text } : { state: 'wrong-check' }
}

/** Crockford's check character: the number modulo 37. `digits` are base-32 digits in capitals. */
export function checkCharacter(digits: string): string {
  let remainder = 0
  for (const digit of digits) remainder = (remainder * 32 + DIGITS.indexOf(digit)) % 37
  return CHECK_SYMBOLS.charAt(remainder)
}

/** In groups of four, as printed on the label. */
export function groupCode(code: string): string {
  return code.match(/.{1,4}/g)?.join('-') ?? ''
}
