import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runChild } from './run-child.mjs'

/** The repository, whatever folder the command was typed in. */
export const root = resolve(fileURLToPath(import.meta.url), '../../..')

const PNPM = '12.21.0'
const stampFile = join(root, 'node_modules/.patrol-stamp')
const installedNode = join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node')

/** Makes sure that node_modules is what the lockfile says. Resolves with the path of Node 24. */
export async function ensureToolchain() {
  const stamp = hashLockfile()
  if (readStamp() !== stamp) {
    await install()
    mkdirSync(join(root, 'node_modules'), { recursive: true })
    writeFileSync(stampFile, stamp)
  }
  if (existsSync(installedNode)) return installedNode
  // The registry has no Node 24 for some systems (musl); then the machine's own will do if it is new enough.
  if (major(process.versions.node) >= 24) return process.execPath
  console.error(
    `Node 24 did not install and this is Node ${process.versions.node}. Install Node 24 and try again.`,
  )
  process.exit(1)
}

/** What node_modules depends on: lockfile, manifests, and the system (a folder may have been copied into a container). */
function hashLockfile() {
  const workspace = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')
  const packages = [...workspace.matchAll(/^ {2}- (\S+)$/gm)].map(([, folder]) => `${folder}/package.json`)
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${workspace}`)
  for (const file of ['pnpm-lock.yaml', 'package.json', ...packages])
    hash.update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

function readStamp() {
  return existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : undefined
}

/** Progress goes to standard error: standard output belongs to the command, which may print JSON there. */
async function install() {
  // `npm run --silent` would silence npx too, its errors included.
  const env = { ...process.env, PATH: pathWithoutOwnBinaries(), CI: 'true', npm_config_loglevel: 'error' }
  const [program, ...args] = findPnpm(env) ?? ['npx', '--yes', `pnpm@${PNPM}`]
  console.error(`Installing packages with ${[program, ...args].join(' ')} …`)
  const started = Date.now()
  // Without its own Node version pnpm would warn about every package that is too new for the machine's.
  const wanted = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies.node
  const code = await runChild(
    program,
    [...args, `--config.node-version=${wanted}`, 'install', '--frozen-lockfile'],
    {
      cwd: root,
      stdio: ['ignore', 2, 2],
      env,
      shell: process.platform === 'win32',
    },
  )
  if (code !== 0) {
    console.error(`The packages could not be installed (exit code ${code}); the reason is above.`)
    process.exit(code)
  }
  console.error(`Packages installed in ${((Date.now() - started) / 1000).toFixed(1)} s.`)
}

/** The install may replace node_modules/.bin/node, so nothing of it may run on that binary. */
function pathWithoutOwnBinaries() {
  const own = join(root, 'node_modules/.bin')
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => resolve(folder) !== own)
    .join(delimiter)
}

/** A pnpm on the path, if it reads our `allowBuilds` (10.26 and later) and runs on this Node (11 wants 22). */
function findPnpm(env) {
  const { status, stdout } = spawnSync('pnpm', ['--version'], {
    env,
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (status !== 0) return undefined
  const [first = 0, second = 0] = stdout.trim().split('.').map(Number)
  if (first < 10 || (first === 10 && second < 26)) return undefined
  if (first === 11 && major(process.versions.node) < 22) return undefined
  return ['pnpm']
}

function major(version) {
  return Number(version.split('.')[0])
}
