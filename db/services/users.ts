import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { markOf } from './process-mark.ts'

/** Who uses the servers of a data folder: one file per start, so that only the last to leave stops them. */
const usersIn = (base: string) => join(base, 'users')

let starts = 0

/** Enters this process as a user. Returns the file to hand to `leave`. */
export function enter(base: string): string {
  mkdirSync(usersIn(base), { recursive: true })
  starts += 1
  const file = join(usersIn(base), `${process.pid}-${starts}`)
  writeFileSync(file, markOf(process.pid) ?? '')
  return file
}

export function leave(file: string): void {
  rmSync(file, { force: true })
}

/** How many users are alive. Files of those that died without leaving are removed. */
export function countUsers(base: string): number {
  mkdirSync(usersIn(base), { recursive: true })
  const files = readdirSync(usersIn(base)).map((name) => join(usersIn(base), name))
  return files.filter((file) => {
    const mark = readFileSync(file, 'utf8')
    if (markOf(Number(mark.split(' ')[0])) === mark) return true
    rmSync(file, { force: true })
    return false
  }).length
}
