import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { markOf } from './process-mark.ts'

/** Runs `act` while no other process does so for the same folder. The lock of a dead process is broken. */
export async function withLock<T>(base: string, act: () => Promise<T>): Promise<T> {
  const lock = join(base, 'lock')
  const own = `${lock}.${process.pid}`
  writeFileSync(own, markOf(process.pid) ?? '')
  try {
    // A link is made whole or not at all, so nobody ever reads a half-written lock.
    while (!link(own, lock)) {
      breakIfDead(lock)
      await sleep(50)
    }
  } finally {
    rmSync(own, { force: true })
  }
  try {
    return await act()
  } finally {
    rmSync(lock, { force: true })
  }
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

function breakIfDead(lock: string): void {
  let mark: string
  try {
    mark = readFileSync(lock, 'utf8')
  } catch {
    // Released between two looks.
    return
  }
  if (markOf(Number(mark.split(' ')[0])) !== mark) rmSync(lock, { force: true })
}
