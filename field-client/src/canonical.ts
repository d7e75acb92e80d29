/**
 * The text that the device signs, for any JSON value: keys sorted by UTF-16 code unit at every depth, no white space, strings
 * and numbers as `JSON.stringify` writes them, members that are undefined left out (RFC 8785 for what JSON.parse can give).
 * The server's twin is server/src/check-in/canonical-check-in.ts; a test beside it holds the two together.
 */
export function writeCanonical(value: unknown): string {
  return JSON.stringify(sortKeys(value))
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  )
}
