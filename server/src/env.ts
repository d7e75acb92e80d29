import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import type { BaseMap } from '@patrol/contract'
import { readBaseMap } from './base-map.ts'
import { readVapid, type Vapid } from './push/vapid.ts'

const Settings = Type.Object({
  DATABASE_URL: Type.String({ minLength: 1 }),
  REDIS_URL: Type.String({ minLength: 1 }),
  /** Before every Redis channel and key, so that several cities can share one Redis. */
  REDIS_PREFIX: Type.String({ default: 'patrol', pattern: '^[a-z0-9_-]+$' }),
  HOST: Type.String({ default: '127.0.0.1' }),
  PORT: Type.Integer({ default: 8080, minimum: 0, maximum: 65535 }),
  /** Any of gateway, relay, worker, separated by commas. */
  ROLES: Type.String({
    default: 'gateway,relay,worker',
    pattern: '^(gateway|relay|worker)(,(gateway|relay|worker))*$',
  }),
  /** Where users reach it, such as https://patrol.example.tw: goes into QR codes, and https means secure cookies. */
  PUBLIC_ORIGIN: Type.String({ default: 'http://127.0.0.1:8080', pattern: '^https?://[^/]+$' }),
  /** JSON object: key version (1–31) to base64 key of 32 bytes; the highest signs new labels. */
  TAG_KEYS: Type.String({ minLength: 2 }),
  /** Base64, 32 bytes: signs time beacons. */
  SERVER_KEY: Type.String({ minLength: 40 }),
  /** Base64, 16 bytes: the keys of all secure NFC tags come from it. Empty: none are in use. */
  NFC_MASTER_KEY: Type.String({ default: '' }),
  /** JSON object: key version to base64 key of 32 bytes; the highest seals contacts of beats. Empty: there are none. */
  CONTACT_KEYS: Type.String({ default: '' }),
  /** Base64, 32 bytes: by which push services know this server. Empty: phones are not woken. */
  VAPID_PRIVATE_KEY: Type.String({ default: '' }),
  /** Where a push service complains to. */
  VAPID_SUBJECT: Type.String({ default: 'mailto:admin@example.invalid', pattern: '^(mailto:|https://).+$' }),
  /** Push services that may be posted to, by commas; `*.` stands for all hosts below. */
  PUSH_ORIGINS: Type.String({
    default:
      'https://fcm.googleapis.com,https://updates.push.services.mozilla.com,https://*.push.apple.com,https://*.notify.windows.com',
    pattern: '^https?://[^/,]+(,https?://[^/,]+)*$',
  }),
  SESSION_DAYS: Type.Integer({ default: 7, minimum: 1, maximum: 90 }),
  LOG_LEVEL: Type.String({ default: 'info', pattern: '^(trace|debug|info|warn|error|fatal|silent)$' }),
  /** Addresses of proxies whose X-Forwarded-For is believed; empty for none. */
  TRUST_PROXY: Type.String({ default: '' }),
  TLS_CERT_FILE: Type.String({ default: '' }),
  TLS_KEY_FILE: Type.String({ default: '' }),
  /** Log-in tries per address and minute: a whole station may sit behind one. */
  LOGIN_TRIES_PER_MINUTE: Type.Integer({ default: 20, minimum: 1 }),
  /** An OSRM server for travel times, such as http://127.0.0.1:5000; `{mode}` in it becomes car, motorcycle or foot. Empty: none. */
  OSRM_URL: Type.String({ default: '', pattern: '^(https?://.+)?$' }),
  /** A base map from outside: `nlsc:EMAP` (EMAP01, EMAP2, PHOTO2), an address with {z}, {x} and {y}, or `pmtiles:` and a file. Empty: none. */
  BASE_MAP_URL: Type.String({ default: '' }),
  /** Shown on the map, as its owner wants it; NLSC's is known. */
  BASE_MAP_ATTRIBUTION: Type.String({ default: '', maxLength: 200 }),
  BASE_MAP_MAX_ZOOM: Type.Integer({ default: 18, minimum: 1, maximum: 22 }),
  /** Pictures of photos taken at check-ins go after so many days; their hashes stay. */
  PHOTO_DAYS: Type.Integer({ default: 90, minimum: 1, maximum: 3_650 }),
  DATABASE_POOL: Type.Integer({ default: 10, minimum: 4, maximum: 200 }),
})

export type ServerRole = 'gateway' | 'relay' | 'worker'

export interface Env {
  databaseUrl: string
  databasePool: number
  redisUrl: string
  redisPrefix: string
  host: string
  port: number
  roles: ReadonlySet<ServerRole>
  publicOrigin: string
  tagKeys: ReadonlyMap<number, Buffer>
  serverKey: Buffer
  /** Null where no secure NFC tags are in use. */
  nfcMasterKey: Buffer | null
  /** Null where no contacts of beats are kept. */
  contactKeys: ReadonlyMap<number, Buffer> | null
  /** Null where phones are not woken. */
  vapid: Vapid | null
  pushOrigins: readonly string[]
  sessionDays: number
  logLevel: string
  trustProxy: string
  tls: { certFile: string; keyFile: string } | null
  loginTriesPerMinute: number
  photoDays: number
  /** Empty where the imported roads are searched instead. */
  osrmUrl: string
  /** Null where the map shows the city's own tiles only. */
  baseMap: BaseMap | null
}

const settings = Compile(Settings)

/**
 * Reads the settings once, at boot; the only reader of `process.env`.
 * @throws one Error that names every setting at fault.
 */
export function readEnv(source: Record<string, string | undefined>): Env {
  const given = Object.fromEntries(
    Object.keys(Settings.properties).flatMap((name) => {
      const text = source[name]
      return text === undefined || text === '' ? [] : [[name, text]]
    }),
  )
  const parsed = settings.Default(settings.Convert(given))
  if (!settings.Check(parsed)) {
    const faults = settings.Errors(parsed).map((fault) => `${fault.instancePath.slice(1)} ${fault.message}`)
    throw new Error(`Settings are not usable: ${[...new Set(faults)].join('; ')}. See .env.example.`)
  }
  return shape(parsed)
}

function shape(parsed: Static<typeof Settings>): Env {
  const serverKey = Buffer.from(parsed.SERVER_KEY, 'base64')
  if (serverKey.length < 32)
    throw new Error('Settings are not usable: SERVER_KEY must be 32 bytes in base64.')
  return {
    databaseUrl: parsed.DATABASE_URL,
    databasePool: parsed.DATABASE_POOL,
    redisUrl: parsed.REDIS_URL,
    redisPrefix: parsed.REDIS_PREFIX,
    host: parsed.HOST,
    port: parsed.PORT,
    roles: new Set(parsed.ROLES.split(',').map(readRole)),
    publicOrigin: parsed.PUBLIC_ORIGIN,
    tagKeys: readKeys('TAG_KEYS', parsed.TAG_KEYS),
    serverKey,
    nfcMasterKey: readNfcMasterKey(parsed.NFC_MASTER_KEY),
    contactKeys: parsed.CONTACT_KEYS === '' ? null : readKeys('CONTACT_KEYS', parsed.CONTACT_KEYS),
    vapid: readVapidKey(parsed.VAPID_PRIVATE_KEY, parsed.VAPID_SUBJECT),
    pushOrigins: parsed.PUSH_ORIGINS.split(','),
    sessionDays: parsed.SESSION_DAYS,
    logLevel: parsed.LOG_LEVEL,
    trustProxy: parsed.TRUST_PROXY,
    tls:
      parsed.TLS_CERT_FILE && parsed.TLS_KEY_FILE
        ? { certFile: parsed.TLS_CERT_FILE, keyFile: parsed.TLS_KEY_FILE }
        : null,
    loginTriesPerMinute: parsed.LOGIN_TRIES_PER_MINUTE,
    photoDays: parsed.PHOTO_DAYS,
    osrmUrl: parsed.OSRM_URL,
    baseMap: readBaseMap(parsed.BASE_MAP_URL, parsed.BASE_MAP_ATTRIBUTION, parsed.BASE_MAP_MAX_ZOOM),
  }
}

function readRole(name: string): ServerRole {
  if (name === 'gateway' || name === 'relay' || name === 'worker') return name
  throw new Error(`ROLES: ${name} is no role.`)
}

function readNfcMasterKey(text: string): Buffer | null {
  if (text === '') return null
  const key = Buffer.from(text, 'base64')
  if (key.length !== 16)
    throw new Error('Settings are not usable: NFC_MASTER_KEY must be 16 bytes in base64.')
  return key
}

function readVapidKey(text: string, subject: string): Vapid | null {
  if (text === '') return null
  const key = Buffer.from(text, 'base64')
  if (key.length !== 32)
    throw new Error('Settings are not usable: VAPID_PRIVATE_KEY must be 32 bytes in base64.')
  return readVapid(key, subject)
}

/** Versioned keys of one purpose: JSON object of version (1–31) to 32 bytes in base64. */
export function readKeys(name: string, text: string): Map<number, Buffer> {
  const keys = new Map<number, Buffer>()
  const parsed: unknown = JSON.parse(text)
  if (typeof parsed !== 'object' || parsed === null) throw new Error(`${name} must be a JSON object.`)
  for (const [version, value] of Object.entries(parsed)) {
    const key = Buffer.from(String(value), 'base64')
    if (!/^([1-9]|[12]\d|3[01])$/.test(version) || key.length < 32) {
      throw new Error(`${name}: version ${version} must be 1–31 with a key of 32 bytes in base64.`)
    }
    keys.set(Number(version), key)
  }
  if (keys.size === 0) throw new Error(`${name} must hold at least one key.`)
  return keys
}
