import { latLngToCell } from 'h3-js'
import { realAt } from '../route/typed-array.ts'

/**
 * H3 cells of many points as 64-bit numbers, the form the database stores. The halves of the hexadecimal answer are
 * parsed by hand into one buffer: `BigInt('0x…')` per point would cost half as much again as H3 itself.
 */
export function computeCells(lons: Float64Array, lats: Float64Array, resolution: number): BigUint64Array {
  const halves = new Uint32Array(lons.length * 2)
  for (let point = 0; point < lons.length; point++) {
    const cell = latLngToCell(realAt(lats, point), realAt(lons, point), resolution)
    const split = cell.length - 8
    halves[2 * point] = parseHex(cell, split, cell.length)
    halves[2 * point + 1] = parseHex(cell, 0, split)
  }
  // Low half first: every platform Node runs on is little-endian.
  return new BigUint64Array(halves.buffer)
}

function parseHex(text: string, from: number, to: number): number {
  let value = 0
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at)
    value = (value << 4) | (code < 58 ? code - 48 : code - 87)
  }
  return value >>> 0
}
