import { isIPv6 } from 'node:net'

/**
 * What limits per address count by: an IPv4 address, or the /64 of an IPv6 one. Every home and every phone has a whole /64,
 * so that by the single address nobody would ever be counted twice.
 */
export function networkOf(address: string): string {
  const bare = address.split('%')[0] ?? address
  if (!isIPv6(bare)) return bare
  const groups = readGroups(bare)
  const [, , , , , marker, high = 0, low = 0] = groups
  // An IPv4 address on a socket for both: ::ffff:a.b.c.d
  if (marker === 0xffff && groups.slice(0, 5).every((group) => group === 0)) {
    return [high >> 8, high & 255, low >> 8, low & 255].join('.')
  }
  const prefix = groups.slice(0, 4).map((group) => group.toString(16))
  return `${prefix.join(':')}::/64`
}

/** The eight groups of 16 bits; the URL parser brings every spelling into one. */
function readGroups(address: string): number[] {
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const read = (part: string) => (part === '' ? [] : part.split(':').map((group) => parseInt(group, 16)))
  const left = read(head)
  const right = read(tail ?? '')
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right]
}
