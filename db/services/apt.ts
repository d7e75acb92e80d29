import { spawn, spawnSync } from 'node:child_process'
import { findOnPath } from './find-binaries.ts'
import type { Log } from './services.ts'

/** Installs PostgreSQL, PostGIS and Redis where that is ours to do: as root, with apt-get. False where it is not. */
export async function installWithApt(log: Log): Promise<boolean> {
  if (!aptIsOurs()) return false
  const started = Date.now()
  log('Installing PostgreSQL, PostGIS and Redis with apt-get …')
  await aptGet(['update'])
  await aptGet(['install', ...postgresPackages(), 'redis-server'])
  log(`Installed in ${((Date.now() - started) / 1000).toFixed(1)} s.`)
  return true
}

/** Installs one more package, such as a browser for the tests. False where that is not ours to do. */
export async function installPackageWithApt(name: string, log: Log): Promise<boolean> {
  if (!aptIsOurs()) return false
  log(`Installing ${name} with apt-get …`)
  await aptGet(['update'])
  await aptGet(['install', name])
  return true
}

function aptIsOurs(): boolean {
  return process.getuid?.() === 0 && findOnPath('apt-get') !== undefined
}

/** The distribution's own version: the metapackage `postgresql` depends on, for example, postgresql-15. */
function postgresPackages(): string[] {
  const { stdout } = spawnSync('apt-cache', ['depends', 'postgresql'], { encoding: 'utf8' })
  const server = /Depends: (postgresql-\d+)/.exec(stdout)?.[1]
  if (!server) throw new Error('apt-get knows no package postgresql; its sources are incomplete.')
  return [server, `${server}-postgis-3`]
}

/** Both output streams go to standard error, so that standard output stays the command's. */
function aptGet(args: string[]): Promise<void> {
  // Another apt may hold the lock for a while on a machine that has just booted.
  const options = ['-q', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120']
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return new Promise((resolve, reject) => {
    const child = spawn('apt-get', [...options, ...args], { stdio: ['ignore', 2, 2], env })
    child.once('error', reject)
    child.once('exit', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`apt-get ${args.join(' ')} ended with code ${code}; the reason is above.`))
    })
  })
}
