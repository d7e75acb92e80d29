/** Seedable random numbers: the same seed gives the same routes on every machine. */
export type Random = {
  /** A real number in [0, 1). */
  real: () => number
  /** An integer in [0, bound). */
  below: (bound: number) => number
}

/**
 * Four-word generator (sfc32, of PractRand) seeded from one number; 32-bit operations only, so that results do not
 * depend on the platform's floating point.
 */
export function createRandom(seed: number): Random {
  let a = seed | 0
  let b = (seed / 4294967296) | 0
  let c = 0x9e3779b9 | 0
  let counter = 1
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  for (let warmUp = 0; warmUp < 12; warmUp++) next()
  return {
    real: () => next() / 4294967296,
    below: (bound) => Math.floor((next() / 4294967296) * bound),
  }
}
