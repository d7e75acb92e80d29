// npm start: the server with the settings of the environment, bundled first where its sources are newer.
import { join } from 'node:path'
import { buildClients, buildServer } from './build-clients.ts'

const root = join(import.meta.dirname, '../../..')
const log = (line: string) => console.error(line)

await buildClients(root, log)
const file = await buildServer(root, log)
// The bundle runs itself when it is what the process was started with.
process.argv[1] = file
await import(file)
