import { fileURLToPath } from 'node:url'
import { buildClients } from '../../src/cli/build-clients.ts'
import { hasChromium } from './launch-chromium.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/**
 * Before the browser tests, once: two files that run at a time must not build one client both. What does not build is told by
 * the files, each of which asks for it: the tests that need none of it still tell their part.
 */
export default async function setup(): Promise<void> {
  if (!hasChromium) return
  await buildClients(root, console.log).catch((error: unknown) => console.error(error))
}
