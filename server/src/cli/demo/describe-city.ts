import { demoAccounts } from '@patrol/db/seed'
import type { CityFile } from './city-file.ts'

/** What a newcomer needs, once everything runs: addresses and a log-in for each kind of user. */
export function describeCity(
  city: CityFile,
  {
    origin,
    seconds,
    speed,
    labelFile,
  }: { origin: string; seconds: number; speed: number; labelFile: string | null },
): string {
  const accounts = demoAccounts.map(
    ({ login, name, nameEn }) =>
      `  ${login.padEnd(12)}${(city.passwords[login] ?? '').padEnd(17)}${name}  ${nameEn}`,
  )
  return `
臺南電子巡簽指揮中心 — Patrol Sign-in Command Center, ready after ${seconds.toFixed(1)} s${speed === 1 ? '' : `, at ${speed}×`}

  ${origin}/wall      戰情牆  the live wall (log in as operator)
  ${origin}/console   勤務台  duty console
  ${origin}/field/    外勤    field client (log in as officer)
  ${origin}/docs      API
${labelFile === null ? '' : `  labels to scan: ${labelFile}\n`}
  login       password         who
${accounts.join('\n')}

Ctrl-C stops everything; the next start is warm.
`
}
