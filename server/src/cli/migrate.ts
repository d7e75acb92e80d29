import type { Command } from 'commander'
import { pendingMigrations } from '@patrol/db'
import { defaultDataDir, withDatabase } from './with-database.ts'

export function addMigrate(program: Command): void {
  program
    .command('migrate')
    .description('bring the database to the newest schema; nothing happens when it is there')
    .option(
      '--data-dir <folder>',
      'the demonstration city to use when DATABASE_URL is not set',
      defaultDataDir,
    )
    .option('--json', 'print the result as JSON')
    .action(async (flags: { dataDir: string; json?: boolean }) => {
      // Every command migrates before it works; this one does nothing else.
      const pending = await withDatabase({ dataDir: flags.dataDir }, (db) => pendingMigrations(db))
      if (flags.json) console.log(JSON.stringify({ pending }))
      console.error('The schema is the newest.')
    })
}
