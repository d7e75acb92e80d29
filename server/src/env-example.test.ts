import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { expect, test } from 'vitest'
import { readEnv } from './env.ts'

const example = readFileSync(join(import.meta.dirname, '../../.env.example'), 'utf8')
const settings = [
  ...readFileSync(join(import.meta.dirname, 'env.ts'), 'utf8').matchAll(/^ {2}([A-Z_]+): Type\./gm),
]

/** The secrets and addresses that the example leaves empty, written as a user would write them. */
function fillIn(text: string): Record<string, string | undefined> {
  const key = randomBytes(32).toString('base64')
  const filled = {
    DATABASE_URL: 'postgres://patrol:secret@127.0.0.1/patrol',
    REDIS_URL: 'redis://127.0.0.1',
    TAG_KEYS: `{"1":"${key}"}`,
    SERVER_KEY: key,
  }
  return parseEnv(
    Object.entries(filled).reduce(
      (all, [name, value]) => all.replace(`\n${name}=\n`, `\n${name}=${value}\n`),
      text,
    ),
  )
}

test('every setting of the server is explained in .env.example', () => {
  expect(settings.length).toBeGreaterThan(10)
  const explained = Object.keys(parseEnv(example))
  expect(settings.map(([, name]) => name).filter((name = '') => !explained.includes(name))).toEqual([])
})

test('.env.example, with its secrets filled in, says what the server does without it', () => {
  const filled = fillIn(example)
  const needed = ['DATABASE_URL', 'REDIS_URL', 'TAG_KEYS', 'SERVER_KEY']
  expect(readEnv(filled)).toEqual(readEnv(Object.fromEntries(needed.map((name) => [name, filled[name]]))))
})
