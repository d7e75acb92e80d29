/**
 * The text that a device signs, for any JSON value: keys sorted by UTF-16 code unit at every depth, no white space, strings
 * and numbers as `JSON.stringify` writes them, members that are undefined left out (RFC 8785 for what JSON.parse can give).
 * Its UTF-8 bytes are what is signed. The field client has the same twelve lines, since a browser may import no value of ours.
 */
export function writeCanonical(value: unknown): string {
  return JSON.stringify(sortKeys(value))
}

/** The canonical text of a check-in as its device signs it: everything but the signature itself. */
export function writeSignedText(checkIn: { device?: { id: string; signature?: string } }): string {
  const { device, ...rest } = checkIn
  return writeCanonical(device === undefined ? rest : { ...rest, device: { id: device.id } })
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
