// npm run build: what is served and what serves it, where sources are newer; npm start and the container do the same.
import { Command } from 'commander'
import { join } from 'node:path'
import { buildClients, buildServer } from './build-clients.ts'

const root = join(import.meta.dirname, '../../..')
const log = (line: string) => console.error(line)

const command = new Command('build')
  .description('Builds dashboard, field client and server where their sources are newer than what is built.')
  .option('--server', 'the server alone')
  .parse()

try {
  if (command.opts<{ server?: true }>().server !== true) await buildClients(root, log)
  await buildServer(root, log)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
