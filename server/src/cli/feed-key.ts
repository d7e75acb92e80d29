import { type Command, InvalidArgumentError } from 'commander'
import { inTransaction } from '@patrol/db'
import { createFeedKey, listFeedKeys, revokeFeedKey } from '../feed/feed-key.ts'
import { defaultDataDir, withDatabase } from './with-database.ts'

interface Flags {
  dataDir: string
  perMinute?: number
}

/** Keys with which another system of the city reads the situation-room feed. */
export function addFeedKey(program: Command): void {
  const keys = program.command('feed-key').description('keys for the situation-room feed')
  const withDataDir = (command: Command) =>
    command.option(
      '--data-dir <folder>',
      'the demonstration city to use when DATABASE_URL is not set',
      defaultDataDir,
    )

  withDataDir(
    keys.command('add').description('make a key; it is printed once').argument('<name>', 'who uses it'),
  )
    .option('--per-minute <n>', 'requests a minute', readPositive, 60)
    .action(async (name: string, { dataDir, perMinute = 60 }: Flags) => {
      const made = await withDatabase({ dataDir }, (db) =>
        inTransaction(db, (tx) => createFeedKey(tx, { name, requestsPerMinute: perMinute, officerId: null })),
      )
      console.log(JSON.stringify(made))
    })
  withDataDir(keys.command('list').description('all keys, as JSON')).action(async ({ dataDir }: Flags) => {
    console.log(JSON.stringify(await withDatabase({ dataDir }, (db) => listFeedKeys(db)), null, 2))
  })
  withDataDir(
    keys.command('revoke').description('end a key').argument('<id>', 'its number', readPositive),
  ).action(async (id: number, { dataDir }: Flags) => {
    const done = await withDatabase({ dataDir }, (db) =>
      inTransaction(db, (tx) => revokeFeedKey(tx, id, null)),
    )
    if (done) return
    console.error(`There is no key ${id} in use.`)
    process.exitCode = 1
  })
}

function readPositive(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('It must be a whole number from 1.')
  return number
}
