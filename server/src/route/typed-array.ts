/**
 * Reads from typed arrays inside the solvers' inner loops.
 *
 * `noUncheckedIndexedAccess` types every read as possibly undefined. The solvers compute their indices and
 * never leave the array, and a default value in each of some hundred reads would hide the formulas, so the
 * cast lives here once per array type. (One function per type, so that the engine keeps each monomorphic.)
 */
export function intAt(array: Int32Array, index: number): number {
  return array[index] as number
}

/** The same for Float64Array. */
export function realAt(array: Float64Array, index: number): number {
  return array[index] as number
}

/** The same for Float32Array. */
export function floatAt(array: Float32Array, index: number): number {
  return array[index] as number
}
