/** Crockford's base 32: no I, L, O, U, so that a code can be read aloud and typed. */
const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const checkSymbols = `${digits}*~$=U`

/** A 64-bit number as 13 digits. */
export function encode64(value: bigint): string {
  let text = ''
  for (let rest = BigInt.asUintN(64, value), i = 0; i < 13; i++, rest >>= 5n)
    text = digits[Number(rest & 31n)] + text
  return text
}

/** Reads 13 digits; null when they are none or exceed 64 bits. Lower case, and I, L, O for 1, 1, 0, are understood. */
export function decode64(text: string): bigint | null {
  if (text.length !== 13) return null
  let value = 0n
  for (const character of normalise(text)) {
    const digit = digits.indexOf(character)
    if (digit < 0) return null
    value = (value << 5n) | BigInt(digit)
  }
  return value >> 64n === 0n ? value : null
}

/** Upper case, without spaces and hyphens, with the look-alikes resolved. */
export function normalise(text: string): string {
  return text.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1')
}

/** Crockford's check symbol: the number modulo 37. It catches every single wrong digit and every swap of neighbours. */
export function checkSymbol(value: bigint): string {
  return checkSymbols[Number(BigInt.asUintN(64, value) % 37n)] ?? ''
}

/** A value of 0–31 as one digit. */
export const encodeDigit = (value: number): string => digits[value] ?? ''

/** The value of one digit; null when it is none. */
export function decodeDigit(digit: string): number | null {
  const value = digit.length === 1 ? digits.indexOf(digit) : -1
  return value < 0 ? null : value
}
