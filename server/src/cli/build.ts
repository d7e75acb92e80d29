// Builds what is served and what serves it, where sources are newer: npm start and the container do so. `--server`: the server alone.
import { join } from 'node:path'
import { buildClients, buildServer } from './build-clients.ts'

const root = join(import.meta.dirname, '../../..')
const log = (line: string) => console.error(line)

try {
  if (!process.argv.includes('--server')) await buildClients(root, log)
  await buildServer(root, log)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
