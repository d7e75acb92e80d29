import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from './free-port.ts'

/** What a data folder remembers between starts, in a file that only its owner reads. */
export interface Secrets {
  kind: 'docker' | 'local'
  postgresPassword: string
  redisPassword: string
  postgresPort: number
  redisPort: number
}

const fileOf = (dataDir: string) => join(dataDir, 'services.json')

export function readSecrets(dataDir: string): Secrets | undefined {
  const file = fileOf(dataDir)
  return existsSync(file) ? parseSecrets(readFileSync(file, 'utf8')) : undefined
}

/** Secrets of the folder; made at its first start. Ports are kept, so that addresses do not change between starts. */
export async function ensureSecrets(dataDir: string, kind: Secrets['kind']): Promise<Secrets> {
  const before = readSecrets(dataDir)
  if (before) return before
  return writeSecrets(dataDir, {
    kind,
    postgresPassword: randomBytes(24).toString('hex'),
    redisPassword: randomBytes(24).toString('hex'),
    postgresPort: await freePort(),
    redisPort: await freePort(),
  })
}

export function writeSecrets(dataDir: string, secrets: Secrets): Secrets {
  mkdirSync(dataDir, { recursive: true })
  const file = fileOf(dataDir)
  writeFileSync(`${file}.new`, JSON.stringify(secrets, undefined, 2), { mode: 0o600 })
  renameSync(`${file}.new`, file)
  return secrets
}

/** The one cast: the file is written by this module only, and a broken one shows at the log-in. */
function parseSecrets(text: string): Secrets {
  return JSON.parse(text) as Secrets
}
