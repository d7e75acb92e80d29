/** Code lengths 2–10 for differences of 0–11 bits, as in T.81 table K.3. */
const dcLengths = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]
const dcCodes = [
  '00',
  '010',
  '011',
  '100',
  '101',
  '110',
  '1110',
  '11110',
  '111110',
  '1111110',
  '11111110',
  '111111110',
]

/**
 * A grey JPEG of one brightness (0–255) per 8 × 8 block: small, real, and made without a library.
 * `extra` segments, such as an Exif one, stand where cameras put them.
 */
export function makeJpeg(
  columns: number,
  rows: number,
  brightness: (x: number, y: number) => number,
  extra: readonly Buffer[] = [],
): Buffer {
  const frame = Buffer.from([8, 0, 0, 0, 0, 1, 1, 0x11, 0])
  frame.writeUInt16BE(rows * 8, 1)
  frame.writeUInt16BE(columns * 8, 3)
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, Buffer.from('JFIF\0\x01\x01\0\0\x01\0\x01\0\0', 'latin1')),
    ...extra,
    segment(0xdb, Buffer.concat([Buffer.from([0]), Buffer.alloc(64, 8)])),
    segment(0xc0, frame),
    segment(0xc4, Buffer.from([0x00, ...dcLengths, ...dcCodes.keys()])),
    // One code for the rest of a block: nothing more.
    segment(0xc4, Buffer.from([0x10, 1, ...Array<number>(15).fill(0), 0])),
    segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])),
    codeBlocks(columns, rows, brightness),
    Buffer.from([0xff, 0xd9]),
  ])
}

export function segment(marker: number, body: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(body.length + 2, 2)
  return Buffer.concat([head, body])
}

function codeBlocks(columns: number, rows: number, brightness: (x: number, y: number) => number): Buffer {
  let bits = ''
  let before = 0
  for (let block = 0; block < columns * rows; block++) {
    // Quantised by 8, and the transform's mean is eight times the brightness: one step each.
    const mean = Math.round(brightness(block % columns, Math.floor(block / columns)) - 128)
    const difference = mean - before
    before = mean
    const length = difference === 0 ? 0 : Math.floor(Math.log2(Math.abs(difference))) + 1
    const value = difference > 0 ? difference : difference + (1 << length) - 1
    bits += `${dcCodes[length]}${length === 0 ? '' : value.toString(2).padStart(length, '0')}0`
  }
  const bytes = bits.match(/.{1,8}/g)?.map((byte) => parseInt(byte.padEnd(8, '1'), 2)) ?? []
  return Buffer.from(bytes.flatMap((byte) => (byte === 0xff ? [0xff, 0] : [byte])))
}
