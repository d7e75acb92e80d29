/**
 * A chip's number in the one spelling of this system: upper-case hex without separators, four to ten bytes. Readers write it
 * as `04:a1:…`, `04-A1-…` or `04 a1 …`. Null for what is none.
 */
export function normaliseUid(text: string): string | null {
  const hex = text.replace(/[\s:-]/g, '').toUpperCase()
  return /^([0-9A-F]{2}){4,10}$/.test(hex) ? hex : null
}
