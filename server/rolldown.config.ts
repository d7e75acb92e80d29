import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'rolldown'

const manifest = JSON.parse(readFileSync(join(import.meta.dirname, 'package.json'), 'utf8'))

/** Packages of hundreds of small modules, of which finding each costs more than running all; and what is ours. */
const bundled = [
  'bullmq',
  'drizzle-orm',
  'typebox',
  '@fastify/type-provider-typebox',
  '@patrol/contract',
  '@patrol/db',
]

/** The other packages stay in node_modules, with the files that they read beside them. */
const left = Object.keys(manifest.dependencies).filter((name) => !bundled.includes(name))

/** The server as three files: see `buildServer`. */
export default defineConfig({
  input: ['src/main.ts', 'src/jobs/thread.ts'],
  platform: 'node',
  external: (id) => left.some((name) => id === name || id.startsWith(`${name}/`)),
  // As deep as a folder of src, so that what is looked for from there is found from here.
  output: { dir: 'dist/program', cleanDir: true, sourcemap: true },
  logLevel: 'warn',
})
