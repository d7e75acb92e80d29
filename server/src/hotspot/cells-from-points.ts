import { latLngToCell } from 'h3-js'
import { realAt } from '../route/typed-array.ts'

/** So many names are joined at a time: few calls, and texts that stay small. */
const batch = 1_024

/**
 * H3 cells of many points as 64-bit numbers, the form the database stores. Their hexadecimal names are decoded many at
 * a time by Node itself: taking each apart here cost a fifth of what H3 needs to find it.
 */
export function computeCells(lons: Float64Array, lats: Float64Array, resolution: number): BigUint64Array {
  const bytes = Buffer.allocUnsafeSlow(lons.length * BigUint64Array.BYTES_PER_ELEMENT)
  for (let from = 0; from < lons.length; from += batch) {
    // A name has 15 digits: the first of the 16 is always 0, and left out.
    const names = ['']
    for (let point = from; point < Math.min(from + batch, lons.length); point++) {
      names.push(latLngToCell(realAt(lats, point), realAt(lons, point), resolution))
    }
    bytes.write(names.join('0'), from * BigUint64Array.BYTES_PER_ELEMENT, 'hex')
  }
  // Low byte first: every platform Node runs on is little-endian.
  return new BigUint64Array(bytes.swap64().buffer)
}
