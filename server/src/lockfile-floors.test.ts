import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

/** Versions below which there are known holes. Raised when an advisory says so; never lowered. */
const FLOORS = {
  fastify: '5.8.5',
  '@fastify/static': '10.1.3',
  ws: '8.21.0',
  'socket.io-parser': '4.2.7',
  '@sveltejs/kit': '2.63.0',
  svelte: '5.55.7',
  devalue: '5.9.1',
  'drizzle-orm': '0.45.2',
}

const lockfile = readFileSync(join(import.meta.dirname, '../../pnpm-lock.yaml'), 'utf8')

describe('the lockfile', () => {
  test.each(Object.entries(FLOORS))('has %s at %s or later, wherever it is used', (name, floor) => {
    const versions = lockedVersions(name)
    expect(versions).not.toEqual([])
    expect(versions.filter((version) => isBelow(version, floor))).toEqual([])
  })
})

test('versions compare by number, and a prerelease comes before its release', () => {
  expect(isBelow('5.9.0', '5.10.0')).toBe(true)
  expect(isBelow('5.10.0', '5.9.9')).toBe(false)
  expect(isBelow('5.10.0', '5.10.0')).toBe(false)
  expect(isBelow('5.10.0-beta.1', '5.10.0')).toBe(true)
})

/** All versions of a package in the section `packages:`, also those that only other packages depend on. */
function lockedVersions(name: string): string[] {
  const packages = lockfile.slice(lockfile.indexOf('\npackages:\n'), lockfile.indexOf('\nsnapshots:\n'))
  return [...packages.matchAll(/^ {2}'?((?:@[^/\s]+\/)?[^@\s]+)@([^:'\s]+)'?:$/gm)]
    .filter(([, found]) => found === name)
    .map(([, , version = '']) => version)
}

function isBelow(version: string, floor: string): boolean {
  const [release = '', prerelease] = version.split('-')
  const ours = release.split('.').map(Number)
  const theirs = floor.split('.').map(Number)
  const place = ours.findIndex((number, index) => number !== theirs[index])
  if (place < 0) return prerelease !== undefined
  return (ours[place] ?? 0) < (theirs[place] ?? 0)
}
