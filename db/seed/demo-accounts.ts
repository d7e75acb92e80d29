import type { OpenTx } from '../transaction.ts'

type Role = 'operator' | 'duty-officer' | 'officer' | 'supervisor' | 'beat-officer' | 'administrator'

export interface DemoAccount {
  login: string
  /** Shown as the officer's name, and to whoever reads the list of log-ins. */
  name: string
  nameEn: string
  role: Role
  /** Code of the subtree: department, precinct or station. */
  place: string
}

/** The station whose demo officer is on duty at any hour: in the old city, with many points close together. */
export const demoStation = 'P02-S05'

/** One log-in for each kind of user. */
export const demoAccounts: readonly DemoAccount[] = [
  {
    login: 'operator',
    name: '示範值勤員',
    nameEn: 'command-center operator',
    role: 'operator',
    place: 'D00',
  },
  { login: 'duty', name: '示範值日官', nameEn: 'duty officer', role: 'duty-officer', place: 'D00' },
  {
    login: 'supervisor',
    name: '示範督導',
    nameEn: 'supervisor of a precinct',
    role: 'supervisor',
    place: 'P02',
  },
  {
    login: 'officer',
    name: '示範員警',
    nameEn: 'field officer, on duty now',
    role: 'officer',
    place: demoStation,
  },
  {
    login: 'beat',
    name: '示範警勤區員警',
    nameEn: 'beat officer, on duty now',
    role: 'beat-officer',
    place: demoStation,
  },
  { login: 'admin', name: '示範管理員', nameEn: 'administrator', role: 'administrator', place: 'D00' },
]

/** Beats of the demo beat officer. */
const demoBeats = 2

/** Writes the demo accounts with these password hashes (by login). A changed hash replaces the old one. */
export async function seedDemoAccounts(tx: OpenTx, hashes: ReadonlyMap<string, string>): Promise<void> {
  const accounts = demoAccounts.map((account) => ({ ...account, hash: hashes.get(account.login) ?? 'none' }))
  await tx.$client.query(
    `with made as (
       insert into officer (login, name, password_hash, station_id, precinct_id)
       select a.login, a.name, a.hash, o.station_id, o.precinct_id
       from jsonb_to_recordset($1::jsonb) as a(login text, name text, hash text, place text)
       join organisation o on o.code = a.place
       on conflict (login) do update set password_hash = excluded.password_hash
       returning id, login
     )
     insert into role_grant (officer_id, role, organisation_id)
     select made.id, a.role, o.id
     from jsonb_to_recordset($1::jsonb) as a(login text, role text, place text)
     join made using (login) join organisation o on o.code = a.place
     on conflict do nothing`,
    [JSON.stringify(accounts)],
  )
  // Persons are known to the officer of their beat, and to nobody by a grant over the whole station.
  await tx.$client.query(
    `insert into role_grant (officer_id, role, organisation_id)
     select o.id, 'beat-officer', b.id
     from jsonb_to_recordset($1::jsonb) as a(login text, role text, place text)
     join officer o using (login) join organisation s on s.code = a.place
     cross join lateral (
       select id from organisation where kind = 'beat' and station_id = s.id order by code limit $2
     ) b
     where a.role = 'beat-officer'
     on conflict do nothing`,
    [JSON.stringify(accounts), demoBeats],
  )
}
