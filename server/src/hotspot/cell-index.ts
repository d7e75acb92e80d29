/** An H3 index as the database has it, a signed 64-bit number in decimal; and back. */
export function storedCell(h3: string): string {
  return BigInt.asIntN(64, BigInt(`0x${h3}`)).toString()
}

export function h3Of(stored: string | bigint): string {
  return BigInt.asUintN(64, BigInt(stored)).toString(16)
}
