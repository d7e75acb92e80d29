import type { Db } from '@patrol/db'
import { demoAccounts, seedCity, seedPast } from '@patrol/db/seed'
import { hashPassword } from '../../organisation/password.ts'
import type { CityFile } from './city-file.ts'
import { readCityTime } from './set-clock.ts'

/** Is there a city in this database? */
export async function isSeeded(db: Db): Promise<boolean> {
  const { rows } = await db.$client.query<{ seeded: boolean }>(
    'select exists (select from officer) as seeded',
  )
  return rows[0]?.seeded ?? false
}

/** Fills an empty database with the city, or adds what is missing after an import, gives it a past, and tells how long each step took. */
export async function fillCity(
  db: Db,
  { city, syntheticPoints, log }: { city: CityFile; syntheticPoints: boolean; log: (line: string) => void },
): Promise<void> {
  const now = await readCityTime(db)
  const onStep = (step: string, count: number, ms: number) =>
    log(`  ${step.padEnd(14)}${String(count).padStart(7)}   ${Math.round(ms)} ms`)
  await seedCity(db, {
    now,
    secret: Buffer.from(city.seedSecret, 'base64'),
    keyVersion: Math.max(...Object.keys(city.tagKeys).map(Number)),
    passwordHashes: await hashPasswords(city),
    syntheticPoints,
    onStep,
  })
  await seedPast(db, { now, onStep })
}

async function hashPasswords({ passwords }: CityFile): Promise<Map<string, string>> {
  const hashes = new Map<string, string>()
  for (const { login } of demoAccounts) {
    const password = passwords[login]
    if (password !== undefined) hashes.set(login, await hashPassword(password))
  }
  return hashes
}
