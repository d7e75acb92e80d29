import { readFileSync } from 'node:fs'

/** A file that is not what its format says; the message names file and line. */
export class BadInstance extends Error {
  constructor(file: string, line: number | null, reason: string) {
    super(line === null ? `${file}: ${reason}` : `${file}:${line}: ${reason}`)
    this.name = 'BadInstance'
  }
}

/** One line of a file with its number, counted from 1. */
export type Line = { number: number; text: string }

/**
 * The file's lines without the blank ones.
 * @throws BadInstance when it cannot be read or is not text
 */
export function readLines(file: string): Line[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new BadInstance(
      file,
      null,
      `cannot be read (${error instanceof Error ? error.message : String(error)})`,
    )
  }
  if (text.includes('\0')) throw new BadInstance(file, null, 'is not a text file')
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .map((line, i) => ({ number: i + 1, text: line.trim() }))
    .filter((line) => line.text !== '')
}

/**
 * The numbers of a line.
 * @throws BadInstance when there are fewer than `least` or one is not a number
 */
export function readNumbers(file: string, line: Line, least: number): number[] {
  const numbers = line.text.split(/[\s,;]+/).map(Number)
  const wrong = numbers.findIndex((value) => !Number.isFinite(value))
  if (wrong >= 0)
    throw new BadInstance(file, line.number, `value ${wrong + 1} of '${line.text}' is not a number`)
  if (numbers.length < least) {
    throw new BadInstance(file, line.number, `has ${numbers.length} values, needs at least ${least}`)
  }
  return numbers
}
