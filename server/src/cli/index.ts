// npm run cli -- …: what an administrator does from a terminal. JSON alone on standard output, progress on standard error.
import { Command } from 'commander'
import { addAccount } from './account.ts'
import { addContacts } from './contacts.ts'
import { addDoctor } from './doctor.ts'
import { addFeedKey } from './feed-key.ts'
import { addImport } from './import.ts'
import { addLabels } from './labels.ts'
import { addMigrate } from './migrate.ts'
import { addSeed } from './seed.ts'

const program = new Command('npm run cli --')
  .description('臺南電子巡簽系統 — command line')
  .showHelpAfterError()
  // Commander ends with 1 for a wrong command line; scripts tell usage from failure by 2.
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))

addMigrate(program)
addImport(program)
addSeed(program)
addAccount(program)
addLabels(program)
addContacts(program)
addFeedKey(program)
addDoctor(program)

await program.parseAsync()
