import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readKeys } from '../env.ts'
import type { ContactKeys } from '../visit/seal.ts'
import { openCityFile } from './demo/city-file.ts'
import { defaultDataDir } from './with-database.ts'

export interface CityKeys {
  /** Null where neither the environment nor a demonstration city has any. */
  tagKeys: ReadonlyMap<number, Buffer> | null
  /** Of the key that signs new labels; 1 where there is none yet. */
  newestVersion: number
}

/** The keys that sign labels: of TAG_KEYS, or else of the demonstration city in `dataDir`. */
export function readCityKeys(dataDir: string = defaultDataDir): CityKeys {
  const text = process.env['TAG_KEYS']
  const given: unknown =
    text !== undefined && text !== ''
      ? JSON.parse(text)
      : existsSync(join(dataDir, 'city.json'))
        ? openCityFile(dataDir, false).city.tagKeys
        : null
  if (typeof given !== 'object' || given === null) return { tagKeys: null, newestVersion: 1 }
  const tagKeys = new Map(
    Object.entries(given).map(([version, key]) => [Number(version), Buffer.from(String(key), 'base64')]),
  )
  return { tagKeys, newestVersion: Math.max(...tagKeys.keys()) }
}

/** The keys that seal contacts of beats: of CONTACT_KEYS, or else of the demonstration city in `dataDir`; null for neither. */
export function readContactKeys(dataDir: string = defaultDataDir): ContactKeys | null {
  const text = process.env['CONTACT_KEYS']
  if (text !== undefined && text !== '') return readKeys('CONTACT_KEYS', text)
  if (!existsSync(join(dataDir, 'city.json'))) return null
  return readKeys('CONTACT_KEYS', JSON.stringify(openCityFile(dataDir, false).city.contactKeys))
}
