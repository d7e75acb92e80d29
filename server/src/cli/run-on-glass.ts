import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { buildClients } from './build-clients.ts'
import { ensureChromium } from './find-chromium.ts'

const root = join(import.meta.dirname, '../../..')

/**
 * Runs a bench of the load lab that looks at the dashboard in a browser: finds or installs the browser and builds what it
 * shows. Ends this process with the bench's exit code.
 *
 * @param file of the bench, from the repository's root
 */
export async function runOnGlass(file: string): Promise<never> {
  const args = process.argv.slice(2)
  const env: NodeJS.ProcessEnv = { ...process.env }
  if (!args.some((arg) => arg === '--help' || arg === '-h')) {
    const chromium = await ensureChromium()
    if (chromium === undefined) {
      console.error('There is no Chromium on this machine; name one in CHROMIUM_PATH.')
      process.exit(2)
    }
    env['CHROMIUM_PATH'] = chromium
    await buildClients(root, console.error)
  }
  const endWithParent = join(root, 'server/bin/end-with-parent.mjs')
  const bench = spawn(process.execPath, ['--import', endWithParent, join(root, file), ...args], {
    cwd: root,
    // As our own: the fourth descriptor closes when this process dies, however it dies.
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    env: { ...env, PATROL_PARENT_PIPE: '3' },
  })
  const [code] = await once(bench, 'exit')
  process.exit(typeof code === 'number' ? code : 1)
}
