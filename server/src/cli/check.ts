// npm run check: type check, lint, format and migration drift, without servers or a browser.
import { join } from 'node:path'
import { runStaticChecks } from './static-checks.ts'

const { passed, failed } = await runStaticChecks(join(import.meta.dirname, '../../..'))
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
