import { randomBytes } from 'node:crypto'
import { type Command, Option } from 'commander'
import { sql } from 'drizzle-orm'
import { inTransaction, type Tx } from '@patrol/db'
import { hashPassword } from '../organisation/password.ts'
import { defaultDataDir, withDatabase } from './with-database.ts'

const roles = ['operator', 'duty-officer', 'officer', 'supervisor', 'beat-officer', 'administrator']

interface Flags {
  name: string
  role: string
  at: string
  dataDir: string
  json?: boolean
}

/** The first log-in of a new installation, and any further one, until the management platform does it. */
export function addAccount(program: Command): void {
  program
    .command('account')
    .description(
      'open a log-in with a random password, or give an existing one a new password and one more role',
    )
    .argument('<login>')
    .requiredOption('--name <name>', 'name shown on screens')
    .addOption(new Option('--role <role>', 'what it may do').choices(roles).makeOptionMandatory())
    .requiredOption('--at <code>', 'code of department, precinct or station that the role holds for')
    .option(
      '--data-dir <folder>',
      'the demonstration city to use when DATABASE_URL is not set',
      defaultDataDir,
    )
    .option('--json', 'print login and password as JSON')
    .action(async (login: string, flags: Flags) => {
      const password = randomBytes(12).toString('base64url')
      const passwordHash = await hashPassword(password)
      const given = { ...flags, login: login.trim().toLowerCase(), passwordHash }
      const known = await withDatabase({ dataDir: flags.dataDir }, (db) =>
        inTransaction(db, (tx) => saveAccount(tx, given)),
      )
      if (!known) {
        console.error(`There is no department, precinct or station with the code ${flags.at}.`)
        process.exitCode = 1
        return
      }
      console.log(
        flags.json ? JSON.stringify({ login: given.login, password }) : `${given.login}  ${password}`,
      )
    })
}

/** False when the place is not known. Open sessions of the account end: its password is a new one. */
async function saveAccount(
  tx: Tx,
  given: { login: string; name: string; passwordHash: string; role: string; at: string },
): Promise<boolean> {
  const place = await tx.execute<{ id: number; precinct_id: number | null; station_id: number | null }>(sql`
    select id, case kind when 'precinct' then id else precinct_id end as precinct_id,
      case kind when 'station' then id else station_id end as station_id
    from organisation where code = ${given.at}`)
  const at = place.rows[0]
  if (at === undefined) return false
  await tx.execute(sql`
    with account as (
      insert into officer (login, name, password_hash, precinct_id, station_id)
      values (${given.login}, ${given.name}, ${given.passwordHash}, ${at.precinct_id}, ${at.station_id})
      on conflict (login) do update set name = excluded.name, password_hash = excluded.password_hash
      returning id
    ), ended as (
      update session set revoked_at = clock_timestamp() from account where officer_id = account.id and revoked_at is null
    ), noted as (
      insert into audit (action, subject, details)
      select 'account:saved', 'officer:' || id, ${JSON.stringify({ role: given.role, at: given.at })}::jsonb from account
    )
    insert into role_grant (officer_id, role, organisation_id)
    select id, ${given.role}, ${at.id} from account on conflict do nothing`)
  return true
}
