import { decodeLuminance, type Luminance } from './decode-luminance.ts'

const columns = 9
const rows = 8
/** Of 256: a picture with less between its darkest and brightest part (a night sky, a pocket) looks like any other such. */
const leastContrast = 16

/** Pictures whose hashes differ in no more bits than this look the same to a person. */
export const looksAlikeBits = 4

/**
 * 64 bits that say, field by field of a coarse grid, whether the picture grows brighter to the right: they stay the same when
 * it is scaled or coded anew. Null where there is too little to see, or the file is none that we decode.
 */
export function hashLook(jpeg: Buffer): bigint | null {
  const luminance = decodeLuminance(jpeg)
  if (luminance === null) return null
  const grid = shrink(luminance)
  if (Math.max(...grid) - Math.min(...grid) < leastContrast) return null
  let hash = 0n
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns - 1; x++) {
      const brighter = (grid[y * columns + x + 1] ?? 0) > (grid[y * columns + x] ?? 0)
      hash = (hash << 1n) | (brighter ? 1n : 0n)
    }
  }
  return BigInt.asIntN(64, hash)
}

/** Each field of the grid is the mean of what it covers, in parts where its edge cuts a block. */
function shrink({ columns: width, rows: height, values }: Luminance): number[] {
  const across = weigh(width, columns)
  const down = weigh(height, rows)
  return Array.from({ length: columns * rows }, (_, nr) => {
    const xs = across[nr % columns] ?? []
    const ys = down[Math.floor(nr / columns)] ?? []
    let sum = 0
    let weight = 0
    for (const [y, wy] of ys) {
      for (const [x, wx] of xs) {
        sum += (values[y * width + x] ?? 0) * wx * wy
        weight += wx * wy
      }
    }
    return sum / weight
  })
}

/** For each of `fields`, which of `size` it covers, and how much of each. */
function weigh(size: number, fields: number): [at: number, weight: number][][] {
  return Array.from({ length: fields }, (_, nr) => {
    const from = (nr * size) / fields
    const to = ((nr + 1) * size) / fields
    const covered: [number, number][] = []
    for (let at = Math.floor(from); at < Math.ceil(to); at++) {
      covered.push([at, Math.min(at + 1, to) - Math.max(at, from)])
    }
    return covered
  })
}
