import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { type ProcessResult, runProcess } from './run-process.ts'

/** Generates migrations into a copy of db/migrations: a file that appears there is a change of the schema without one. */
export async function checkDrift(root: string): Promise<ProcessResult> {
  const folder = mkdtempSync(join(tmpdir(), 'patrol-drift-'))
  try {
    const db = join(root, 'db')
    const copy = join(folder, 'migrations')
    cpSync(join(db, 'migrations'), copy, { recursive: true })
    const before = readdirSync(copy)
    const config = join(folder, 'drizzle.config.json')
    // drizzle-kit takes paths from its working folder only.
    const settings = {
      dialect: 'postgresql',
      schema: './schema/index.ts',
      out: relative(db, copy),
      casing: 'snake_case',
    }
    writeFileSync(config, JSON.stringify(settings))
    const kit = join(db, 'node_modules/drizzle-kit/bin.cjs')
    const result = await runProcess(process.execPath, [kit, 'generate', `--config=${config}`], {
      cwd: db,
      capture: true,
    })
    const added = readdirSync(copy).filter((name) => !before.includes(name))
    // A question it would like to ask ends it without a file and without an error code.
    if (result.code === 0 && added.length === 0 && result.output.includes('nothing to migrate')) return result
    const files = added.map((name) => `${name}:\n${readFileSync(join(copy, name), 'utf8')}`)
    const advice = 'The schema and db/migrations differ: run `drizzle-kit generate` in db.'
    return { code: 1, output: [result.output, ...files, advice].join('\n') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
