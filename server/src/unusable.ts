/**
 * Is this error about the data itself, so that trying the same again can only fail again? PostgreSQL's classes 22 (no such
 * time, number or text) and 23 (constraints), or a value that JavaScript cannot write.
 */
export function isUnusable(error: unknown): boolean {
  return causes(error).some((one) => one instanceof RangeError || /^2[23]...$/.test(codeOf(one)))
}

/** PostgreSQL's class 22 alone: a value that it has no room for. */
export function isBadValue(error: unknown): boolean {
  return causes(error).some((one) => /^22...$/.test(codeOf(one)))
}

function causes(error: unknown): Error[] {
  return error instanceof Error ? [error, ...causes(error.cause)] : []
}

const codeOf = (error: Error) => ('code' in error && typeof error.code === 'string' ? error.code : '')

/**
 * JSON that `jsonb` takes. NUL and halves of surrogate pairs are valid in JSON and refused by PostgreSQL: a phone's keyboard
 * that cuts an emoji in two must not cost a check-in, so they become U+FFFD.
 */
export function writeJsonb(value: unknown): string {
  // Every escape is matched, so that the second backslash of `\\u0000` (a text about escapes) begins none.
  return JSON.stringify(value).replace(/\\(?:u[0-9a-f]{4}|.)/g, (escape) =>
    /^\\u(0000|d[89a-f])/.test(escape) ? '\\ufffd' : escape,
  )
}

/** A number as PostgreSQL's `real` holds it: what is too small for it is 0, what is too large is unknown. */
export function toReal(value: number | null | undefined): number | null {
  const real = Math.fround(value ?? NaN)
  return Number.isFinite(real) ? real : null
}
