import { runOnGlass } from './run-on-glass.ts'

await runOnGlass('loadtest/node/bench-map.ts')
