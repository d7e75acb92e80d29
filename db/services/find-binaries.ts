import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

export interface Binaries {
  /** Folder with `postgres` and `initdb`, of an installation that has PostGIS. */
  postgresFolder: string
  postgresMajor: number
  redisServer: string
}

/** Below this, `create database … strategy` and what the migrations use are missing. */
const OLDEST_POSTGRES = 15

/** Servers installed on this machine: the newest PostgreSQL with PostGIS, and Redis (or Valkey). Undefined when one is missing. */
export function findBinaries(): Binaries | undefined {
  const [postgres] = findPostgres()
  const redisServer = ['redis-server', 'valkey-server'].map(findOnPath).find((file) => file !== undefined)
  return postgres && redisServer ? { ...postgres, redisServer } : undefined
}

/** Installed PostgreSQL versions with PostGIS, newest first. */
export function findPostgres(): Pick<Binaries, 'postgresFolder' | 'postgresMajor'>[] {
  const onPath = findOnPath('postgres')
  const folders = new Set(
    [...(onPath ? [dirname(realpathSync(onPath))] : []), ...INSTALL_PATTERNS.flatMap(expand)]
      .filter((folder) => existsSync(join(folder, 'postgres')) && existsSync(join(folder, 'initdb')))
      .map((folder) => realpathSync(folder)),
  )
  return [...folders]
    .filter(hasPostgis)
    .map((postgresFolder) => ({ postgresFolder, postgresMajor: majorOf(postgresFolder) }))
    .filter(({ postgresMajor }) => postgresMajor >= OLDEST_POSTGRES)
    .sort((a, b) => b.postgresMajor - a.postgresMajor)
}

/** Where Debian, the PostgreSQL repository, Homebrew, Postgres.app, Fedora and Arch put the server; `*` is any one name. */
const INSTALL_PATTERNS = [
  '/usr/lib/postgresql/*/bin',
  '/usr/pgsql-*/bin',
  '/opt/homebrew/opt/postgresql*/bin',
  '/usr/local/opt/postgresql*/bin',
  '/home/linuxbrew/.linuxbrew/opt/postgresql*/bin',
  '/Applications/Postgres.app/Contents/Versions/*/bin',
  '/usr/local/pgsql/bin',
  '/usr/bin',
]

function expand(pattern: string): string[] {
  const star = pattern.indexOf('*')
  if (star < 0) return [pattern]
  const parent = dirname(pattern.slice(0, star + 1))
  const prefix = pattern.slice(parent.length + 1, star)
  const rest = pattern.slice(star + 1)
  if (!existsSync(parent)) return []
  return readdirSync(parent)
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(parent, name) + rest)
}

function hasPostgis(folder: string): boolean {
  const { stdout, status } = spawnSync(join(folder, 'pg_config'), ['--sharedir'], { encoding: 'utf8' })
  return status === 0 && existsSync(join(stdout.trim(), 'extension/postgis.control'))
}

/** From "postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)". */
function majorOf(folder: string): number {
  const { stdout } = spawnSync(join(folder, 'postgres'), ['--version'], { encoding: 'utf8' })
  return Number(/\) (\d+)/.exec(stdout)?.[1] ?? 0)
}

/** Full path of a program, also where a daemon's folder is missing from an ordinary user's path. */
export function findOnPath(name: string): string | undefined {
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
    '/opt/homebrew/bin',
    '/usr/local/bin',
  ]
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file))
}
