import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'

/** One line of the answer. `pass` is our own comparison, null where the case brings no expectation. */
export interface CaseResult {
  id: string
  got: unknown
  pass: boolean | null
}

/** One option of the command; a new kind is one more file and one more entry in `conformance.ts`. */
export interface ConformanceKind {
  flags: string
  description: string
  /** What a reader of the answer must know about how it was got; printed on standard error first. */
  caveat?: string
  /** @throws CaseInputError when `path` cannot be read or is not of the format. */
  run(path: string): Iterable<CaseResult> | AsyncIterable<CaseResult>
}

/** What the user gave is missing or of another format: a usage error, not a failed case. */
export class CaseInputError extends Error {}

export type CaseRecord = Record<string, unknown>

/** Files of a folder whose names end in `extension`, sorted, or the one file itself. */
export function listCaseFiles(path: string, extension: string): string[] {
  const files = readOrFail(path, () =>
    statSync(path).isDirectory()
      ? readdirSync(path)
          .filter((name) => name.endsWith(extension))
          .sort()
          .map((name) => join(path, name))
      : [path],
  )
  if (files.length === 0) throw new CaseInputError(`${path}: no ${extension} file in this folder`)
  return files
}

export function readCaseText(file: string): string {
  return readOrFail(file, () => readFileSync(file, 'utf8'))
}

/** The list of cases under `listName` in a JSON file, and the object around it. */
export function readCaseFile(file: string, listName: string): { root: CaseRecord; cases: CaseRecord[] } {
  const text = readCaseText(file)
  const root = readOrFail(file, (): unknown => JSON.parse(text))
  const list = isCaseRecord(root) ? root[listName] : undefined
  if (!isCaseRecord(root) || !Array.isArray(list)) {
    throw new CaseInputError(`${basename(file)}: no list "${listName}"`)
  }
  return { root, cases: list.filter(isCaseRecord) }
}

export function isCaseRecord(value: unknown): value is CaseRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function recordOf(value: unknown): CaseRecord {
  return isCaseRecord(value) ? value : {}
}

function readOrFail<Value>(path: string, read: () => Value): Value {
  try {
    return read()
  } catch (error) {
    throw new CaseInputError(`${path}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
