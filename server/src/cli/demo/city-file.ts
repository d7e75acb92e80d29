import { randomBytes, randomInt } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { demoAccounts } from '@patrol/db/seed'

/** What a demonstration city remembers between starts; in a file that only its owner reads. */
export interface CityFile {
  /** Key version to base64 key: signs the labels. */
  tagKeys: Record<string, string>
  serverKey: string
  /** Key version to base64 key: seals the made-up contacts. */
  contactKeys: Record<string, string>
  /** By which push services know this city. */
  vapidKey: string
  /** From this come the opaque ids of the tags. */
  seedSecret: string
  /** Passwords of the demo log-ins. */
  passwords: Record<string, string>
  /** Folders that were imported. */
  imported: string[]
}

const fileOf = (dataDir: string) => join(dataDir, 'city.json')

/** Reads the city's file, or makes one with new keys and passwords. `isNew` where there was none. */
export function openCityFile(dataDir: string, fresh: boolean): { city: CityFile; isNew: boolean } {
  const file = fileOf(dataDir)
  if (!fresh && existsSync(file)) {
    const known = parseCity(readFileSync(file, 'utf8'))
    // A city of an earlier version gets the keys that it lacks.
    const city = { ...newKeys(), ...known }
    if (!('contactKeys' in known)) saveCityFile(dataDir, city)
    return { city, isNew: false }
  }
  const city: CityFile = {
    tagKeys: { 1: randomBytes(32).toString('base64') },
    serverKey: randomBytes(32).toString('base64'),
    ...newKeys(),
    seedSecret: randomBytes(32).toString('base64'),
    passwords: Object.fromEntries(demoAccounts.map(({ login }) => [login, newPassword()])),
    imported: [],
  }
  saveCityFile(dataDir, city)
  return { city, isNew: true }
}

export function saveCityFile(dataDir: string, city: CityFile): void {
  mkdirSync(dataDir, { recursive: true })
  const file = fileOf(dataDir)
  writeFileSync(`${file}.new`, JSON.stringify(city, undefined, 2), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

const newKeys = () => ({
  contactKeys: { 1: randomBytes(32).toString('base64') },
  vapidKey: randomBytes(32).toString('base64'),
})

/** The one cast: the file is written by this module only. */
function parseCity(text: string): CityFile {
  return JSON.parse(text) as CityFile
}

/** 59 bits, easy to copy by eye: no look-alikes. */
function newPassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
  const group = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('')
  return `${group()}-${group()}-${group()}`
}
