import { realpathSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { makeZombie } from '../test/make-zombie.ts'
import { markOf, worksIn } from './process-mark.ts'

describe('the mark of a process', () => {
  test('is the same at each look while it lives', () => {
    expect(markOf(process.pid)).toMatch(/^\d+ \d+/)
    expect(markOf(process.pid)).toBe(markOf(process.pid))
    expect(markOf(process.pid)).not.toBe(markOf(process.ppid))
  })

  test('is missing for a zombie, though signal 0 calls it alive', () => {
    const zombie = makeZombie()
    expect(process.kill(zombie, 0)).toBe(true)
    expect(markOf(zombie)).toBeUndefined()
  })

  test('is missing for a pid that no process has', () => {
    // Above the highest pid that Linux and macOS give out.
    expect(markOf(2 ** 22 + 1)).toBeUndefined()
  })
})

test.runIf(process.platform === 'linux')('a process works in its current folder only', () => {
  expect(worksIn(process.pid, realpathSync(process.cwd()))).toBe(true)
  expect(worksIn(process.pid, '/proc')).toBe(false)
})
