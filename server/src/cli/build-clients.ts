import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runScript } from './static-checks.ts'

/** Of what a failed build said: its end, where the reason stands. */
const lastLines = 30

/** Where each client's build goes. */
const outputs = { dashboard: 'build', 'field-client': 'dist' }

/** Builds the dashboard and the field client if their sources changed since the last build. Throws when one does not build. */
export async function buildClients(root: string, log: (line: string) => void): Promise<void> {
  for (const [client, output] of Object.entries(outputs)) {
    const stampFile = join(root, `node_modules/.cache/patrol-build-${client}`)
    const stamp = hashSources(root, client)
    const isBuilt = existsSync(join(root, client, output, 'index.html'))
    if (isBuilt && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) continue
    const started = Date.now()
    log(`Building ${client} …`)
    const { code, output: said } = await runScript(root, client, 'build', true)
    if (code !== 0)
      throw new Error(`${client} did not build:\n${said.split('\n').slice(-lastLines).join('\n')}`)
    mkdirSync(dirname(stampFile), { recursive: true })
    writeFileSync(stampFile, stamp)
    log(`Built ${client} in ${((Date.now() - started) / 1000).toFixed(1)} s.`)
  }
}

/** Everything a build reads: its own files, the contract, and the versions of what it bundles. */
function hashSources(root: string, client: string): string {
  const own = [`${client}/{src,static,public}/**/*`, `${client}/*.{ts,js,json,html}`]
  const files = globSync([...own, 'server/contract/*.ts', 'pnpm-lock.yaml'], {
    cwd: root,
    withFileTypes: true,
  })
  const hash = createHash('sha256')
  for (const file of files
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name))
    .sort()) {
    hash.update(file).update(readFileSync(file))
  }
  return hash.digest('hex')
}
