import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, chownSync, lstatSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Account } from './account.ts'
import type { Log } from './services.ts'

/**
 * The folder that holds the servers' data: `dataDir`, unless its servers run as another user who cannot get there (a repository
 * below root's 0700 home); then one in the temporary folder, always the same for the same `dataDir`.
 */
export function chooseBaseFolder(dataDir: string, account: Account | undefined, log: Log): string {
  makeFolders(dataDir, account ? 0o711 : 0o700)
  if (!account || reaches(account, dataDir)) return dataDir

  const name = `patrol-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`
  for (const parent of [tmpdir(), '/var/tmp']) {
    const folder = join(parent, name)
    makeFolders(folder, 0o711)
    refuseForeign(folder)
    if (!reaches(account, folder)) continue
    log(`The user of the database cannot reach ${dataDir}; its data is in ${folder}.`)
    return folder
  }
  throw new Error(
    `The user of the database (uid ${account.uid}) can reach neither ${dataDir} nor ${tmpdir()}.`,
  )
}

/** A folder of the server's own, which nobody else reads. */
export function makeServerFolder(folder: string, account: Account | undefined): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
  if (account) chownSync(folder, account.uid, account.gid)
}

/** Creates what is missing of the path. The mode is set again on new folders, since a strict umask takes bits away. */
function makeFolders(folder: string, mode: number): void {
  const first = mkdirSync(folder, { recursive: true, mode })
  if (first === undefined) return
  for (let each = folder; each.length >= first.length; each = dirname(each)) chmodSync(each, mode)
}

function reaches(account: Account, folder: string): boolean {
  return spawnSync('test', ['-x', folder], { ...account, cwd: '/' }).status === 0
}

/** Anybody may make a folder of any name in the temporary one: take only our own. */
function refuseForeign(folder: string): void {
  const { uid } = lstatSync(folder)
  if (!lstatSync(folder).isDirectory() || uid !== process.getuid?.()) {
    throw new Error(`${folder} belongs to somebody else; remove it, or choose another data folder.`)
  }
}
