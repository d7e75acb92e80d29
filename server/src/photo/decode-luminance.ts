import { readSegments } from './read-jpeg.ts'

/** Brightness of each block of 8 × 8 pixels, 0–255, row by row. */
export interface Luminance {
  columns: number
  rows: number
  values: Float32Array
}

interface Component {
  id: number
  h: number
  v: number
  quantiser: number
  dcTable: number
  acTable: number
}

/** By 16 bits ahead: length of the code in the upper byte, its symbol in the lower; 0 for no code. */
type HuffmanTable = Uint16Array

/**
 * The picture at an eighth of its size, from the mean of each block alone: what a JPEG of a phone's camera says at first
 * sight costs 10 ms and no library. Baseline only; null for other kinds, and for a broken one.
 * @see ITU-T T.81, F.2
 */
export function decodeLuminance(jpeg: Buffer): Luminance | null {
  const segments = readSegments(jpeg)
  const frame = segments?.find(({ marker }) => marker === 0xc0 || marker === 0xc1)
  const scan = segments?.find(({ marker }) => marker === 0xda)
  if (!segments || !frame || !scan || jpeg[frame.from + 4] !== 8) return null
  try {
    const quantisers = new Map<number, number>()
    const tables = new Map<number, HuffmanTable>()
    let restartEvery = 0
    for (const { marker, from, to } of segments) {
      if (from > scan.from) break
      if (marker === 0xdb) readQuantisers(jpeg.subarray(from + 4, to), quantisers)
      else if (marker === 0xc4) readTables(jpeg.subarray(from + 4, to), tables)
      else if (marker === 0xdd) restartEvery = jpeg.readUInt16BE(from + 4)
    }
    const components = readComponents(jpeg, frame.from, scan.from)
    const height = jpeg.readUInt16BE(frame.from + 5)
    const width = jpeg.readUInt16BE(frame.from + 7)
    const data = jpeg.subarray(scan.from + 2 + jpeg.readUInt16BE(scan.from + 2), scan.to)
    return decodeScan(data, { components, quantisers, tables, restartEvery, width, height })
  } catch (error) {
    // A read beyond the end: the file is cut. Nothing else throws so.
    if (error instanceof RangeError) return null
    throw error
  }
}

/** Only the first value of each table: that of the mean. */
function readQuantisers(body: Buffer, into: Map<number, number>): void {
  for (let at = 0; at < body.length;) {
    const head = body.readUInt8(at)
    const wide = head >> 4 !== 0
    into.set(head & 15, wide ? body.readUInt16BE(at + 1) : body.readUInt8(at + 1))
    at += 1 + (wide ? 128 : 64)
  }
}

function readTables(body: Buffer, into: Map<number, HuffmanTable>): void {
  for (let at = 0; at < body.length;) {
    const head = body.readUInt8(at)
    const table = new Uint16Array(65_536)
    let code = 0
    let symbolAt = at + 17
    for (let length = 1; length <= 16; length++) {
      for (let left = body.readUInt8(at + length); left > 0; left--) {
        const shift = 16 - length
        table.fill((length << 8) | body.readUInt8(symbolAt++), code << shift, (code + 1) << shift)
        code++
      }
      code <<= 1
    }
    // Class (0 for the mean, 1 for the rest) and number.
    into.set(head, table)
    at = symbolAt
  }
}

function readComponents(jpeg: Buffer, frame: number, scan: number): Component[] {
  const inScan = new Map<number, number>()
  for (let nr = 0; nr < jpeg.readUInt8(scan + 4); nr++) {
    inScan.set(jpeg.readUInt8(scan + 5 + nr * 2), jpeg.readUInt8(scan + 6 + nr * 2))
  }
  return Array.from({ length: jpeg.readUInt8(frame + 9) }, (_, nr) => {
    const at = frame + 10 + nr * 3
    const id = jpeg.readUInt8(at)
    const used = inScan.get(id) ?? 0
    return {
      id,
      h: jpeg.readUInt8(at + 1) >> 4,
      v: jpeg.readUInt8(at + 1) & 15,
      quantiser: jpeg.readUInt8(at + 2),
      dcTable: used >> 4,
      acTable: 0x10 | (used & 15),
    }
  })
}

function decodeScan(
  data: Buffer,
  {
    components,
    quantisers,
    tables,
    restartEvery,
    width,
    height,
  }: {
    components: readonly Component[]
    quantisers: ReadonlyMap<number, number>
    tables: ReadonlyMap<number, HuffmanTable>
    restartEvery: number
    width: number
    height: number
  },
): Luminance | null {
  const [luma] = components
  const hMax = Math.max(...components.map(({ h }) => h))
  const vMax = Math.max(...components.map(({ v }) => v))
  if (luma === undefined || luma.h === 0 || luma.v === 0 || luma.h !== hMax || luma.v !== vMax) return null
  const alone = components.length === 1
  const across = Math.ceil(width / (8 * (alone ? 1 : hMax)))
  const down = Math.ceil(height / (8 * (alone ? 1 : vMax)))
  const columns = alone ? across : across * luma.h
  const rows = alone ? down : down * luma.v
  if (columns * rows === 0 || columns * rows > 1_000_000) return null
  const values = new Float32Array(columns * rows)
  const step = (quantisers.get(luma.quantiser) ?? 1) / 8
  const bits = readBits(data)
  const means = components.map(() => 0)
  for (let unit = 0; unit < across * down; unit++) {
    if (restartEvery > 0 && unit > 0 && unit % restartEvery === 0) {
      bits.restart()
      means.fill(0)
    }
    for (const [nr, component] of components.entries()) {
      const dc = tables.get(component.dcTable)
      const ac = tables.get(component.acTable)
      if (!dc || !ac) return null
      const blocks = alone ? 1 : component.h * component.v
      for (let block = 0; block < blocks; block++) {
        const mean = (means[nr] ?? 0) + bits.difference(dc)
        means[nr] = mean
        bits.skipRest(ac)
        if (nr > 0) continue
        const x = alone ? unit % across : (unit % across) * luma.h + (block % luma.h)
        const y = alone
          ? Math.floor(unit / across)
          : Math.floor(unit / across) * luma.v + Math.floor(block / luma.h)
        values[y * columns + x] = mean * step + 128
      }
    }
  }
  return { columns, rows, values }
}

/** The coded bits one after the other. Past the end come zeros, as in every decoder: a cut picture is grey at its end. */
function readBits(data: Buffer) {
  let at = 0
  let buffer = 0
  let count = 0

  function fill(): void {
    while (count <= 16) {
      let byte = data[at] ?? 0
      if (byte === 0xff) {
        // A stuffed byte follows, or a marker: there the data ends for now.
        if (data[at + 1] === 0) at += 2
        else byte = 0
      } else at++
      buffer = ((buffer << 8) | byte) & 0xffffff
      count += 8
    }
  }

  function take(length: number): number {
    if (length === 0) return 0
    fill()
    count -= length
    return (buffer >> count) & ((1 << length) - 1)
  }

  function symbol(table: HuffmanTable): number {
    fill()
    const found = table[(buffer >> (count - 16)) & 0xffff] ?? 0
    if (found === 0) throw new RangeError('No such code.')
    count -= found >> 8
    return found & 0xff
  }

  return {
    difference(table: HuffmanTable): number {
      const length = symbol(table)
      if (length > 11) throw new RangeError('No such difference.')
      const value = take(length)
      return length > 0 && value < 1 << (length - 1) ? value - (1 << length) + 1 : value
    },
    skipRest(table: HuffmanTable): void {
      for (let nr = 1; nr < 64; nr++) {
        const code = symbol(table)
        if (code === 0) return
        nr += code >> 4
        take(code & 15)
      }
    },
    restart(): void {
      buffer = 0
      count = 0
      while (at < data.length && !(data[at] === 0xff && ((data[at + 1] ?? 0) & 0xf8) === 0xd0)) at++
      at += 2
    },
  }
}
