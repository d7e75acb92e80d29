import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { connect, device, migrate, type Db } from '@patrol/db'
import { makeOfficer, makePrecinct, makeUnit } from '@patrol/db/factories'
import { createDatabase, dropDatabase, startServices } from '@patrol/db/services'

const serverFolder = join(import.meta.dirname, '../../..')
/** The messages of the case files are years old; somebody was on duty all the time. */
const ALWAYS = { startsAt: new Date('1900-01-01'), endsAt: new Date('2999-01-01') }
const startMs = 60_000

/** A server of this program as it runs in a station, on a database that is thrown away. */
export interface TrackerServer {
  origin: string
  db: Db
  stop(): Promise<void>
}

/**
 * Starts it and enrols the devices by their public ids, each for an officer of its own with an open shift.
 * @throws when there is no PostgreSQL or Redis to be had, or the server does not start
 */
export async function startTrackerServer(publicIds: Iterable<string>): Promise<TrackerServer> {
  const stops: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (const each of stops.toReversed()) await each()
  }
  try {
    const services = await startServices({ dataDir: join(serverFolder, '../.data/bench'), log: sayProgress })
    stops.push(() => services.stop())
    const unique = randomBytes(6).toString('hex')
    const name = `patrol_conformance_${unique}`
    const databaseUrl = await createDatabase(services, name)
    stops.push(() => dropDatabase(services, name))
    await migrate(databaseUrl)
    const db = connect(databaseUrl, { max: 2, name: 'conformance' })
    stops.push(() => db.$client.end())
    await enrolDevices(db, publicIds)
    const gateway = await startGateway({
      DATABASE_URL: databaseUrl,
      REDIS_URL: services.redisUrl,
      REDIS_PREFIX: `conformance-${unique}`,
    })
    stops.push(gateway.stop)
    return { origin: gateway.origin, db, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function enrolDevices(db: Db, publicIds: Iterable<string>): Promise<void> {
  const place = await makePrecinct(db)
  for (const publicId of publicIds) {
    const officer = await makeOfficer(db, place)
    await makeUnit(db, place, [officer.id], ALWAYS)
    await db.insert(device).values({
      id: crypto.randomUUID(),
      kind: 'tracker',
      label: publicId.slice(0, 80),
      officerId: officer.id,
      publicId,
    })
  }
}

async function startGateway(settings: Record<string, string>) {
  const secret = () => randomBytes(32).toString('base64')
  const endWithParent = pathToFileURL(join(serverFolder, 'bin/end-with-parent.mjs')).href
  const child = spawn(process.execPath, ['--import', endWithParent, join(serverFolder, 'src/main.ts')], {
    // Its log tells where it listens; the fourth is the pipe that closes when we die.
    stdio: ['ignore', 'pipe', 2, 'pipe'],
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      PATROL_PARENT_PIPE: '3',
      ...settings,
      ROLES: 'gateway',
      HOST: '127.0.0.1',
      PORT: '0',
      SERVER_KEY: secret(),
      TAG_KEYS: JSON.stringify({ 1: secret() }),
    },
  })
  const gone = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGTERM')
    await gone
  }
  const late = setTimeout(() => child.kill('SIGKILL'), startMs)
  if (child.stdout === null) throw new Error('The server was started without a pipe for its log.')
  const lines = createInterface({ input: child.stdout })
  const origin = await new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]
      if (address !== undefined) resolve(address)
      if (/"level":(50|60)/.test(line)) sayProgress(line)
    })
    child.once('error', reject)
    child.once('exit', (code) =>
      reject(new Error(`The server ended with ${code ?? 'a signal'} before it listened.`)),
    )
  }).finally(() => clearTimeout(late))
  return { origin, stop }
}

function sayProgress(line: string): void {
  process.stderr.write(`${line}\n`)
}
