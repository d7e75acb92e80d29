// npm test: everything a change must pass, on a machine that had only Node and npm. With paths, vitest on those alone:
// npm test -- server/test/check-ins.test.ts
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { startServices } from '@patrol/db/services'
import { buildClients } from './build-clients.ts'
import { ensureChromium } from './find-chromium.ts'
import { runVitest, type TestCounts } from './run-vitest.ts'
import { runStaticChecks } from './static-checks.ts'

const root = join(import.meta.dirname, '../../..')
const args = process.argv.slice(2)
const isWhole = args.length === 0
const wantsBrowser = isWhole || args.some((arg) => arg.includes('browser'))
const started = Date.now()

const counts = isWhole
  ? { skipped: 0, ...(await runStaticChecks(root)) }
  : { passed: 0, failed: 0, skipped: 0 }
const env = { ...process.env }
const projects: string[] = []

if (wantsBrowser) {
  const chromium = await ensureChromium()
  if (chromium) {
    env['CHROMIUM_PATH'] = chromium
    await buildOrCount()
  } else {
    counts.skipped += globSync('server/test/browser/**/*.test.ts', { cwd: root }).length
    console.log('Browser tests are skipped: there is no Chromium. Install it, or name one in CHROMIUM_PATH.')
    projects.push('--project=unit', '--project=server')
  }
}

try {
  const results = await testWithServices()
  counts.passed += results.passed
  counts.failed += results.failed
  counts.skipped += results.skipped
} catch (error) {
  counts.failed += 1
  console.log(` × ${error instanceof Error ? error.message : String(error)}`)
}

console.log(`Finished in ${Math.round((Date.now() - started) / 1000)} s.`)
const skipped = counts.skipped === 0 ? '' : `, ${counts.skipped} skipped`
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`)
process.exitCode = counts.failed === 0 ? 0 : 1

/** A client that does not build is one failure; the other tests still tell their part. */
async function buildOrCount(): Promise<void> {
  try {
    await buildClients(root, (line) => console.error(line))
    counts.passed += isWhole ? 1 : 0
  } catch (error) {
    counts.failed += 1
    console.log(` × build: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** The servers are held here as well as by vitest, so that they stop even if vitest dies. */
async function testWithServices(): Promise<TestCounts> {
  const services = await startServices({
    dataDir: join(root, '.data/test'),
    log: (line) => console.error(line),
    durable: false,
  })
  try {
    return await runVitest(root, [...projects, ...args], env)
  } finally {
    await services.stop()
  }
}
