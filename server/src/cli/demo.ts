// npm run demo: from nothing to a living city. Standard error tells what happens, standard output the addresses.
import { connect, migrate, type Db } from '@patrol/db'
import { demoStation, extendShifts } from '@patrol/db/seed'
import { startServices } from '@patrol/db/services'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readEnv } from '../env.ts'
// oxlint-disable-next-line eslint/no-restricted-imports -- the demonstration is the one program that holds another
import { start } from '../main.ts'
import { buildClients } from './build-clients.ts'
import { readLabels } from './labels.ts'
import { drawSheet } from './labels/draw-sheet.ts'
import { openCityFile, saveCityFile, type CityFile } from './demo/city-file.ts'
import { describeCity } from './demo/describe-city.ts'
import { fillCity, isSeeded } from './demo/fill-city.ts'
import { choosePort } from './demo/choose-port.ts'
import { importData } from './demo/import-data.ts'
import { readOptions } from './demo/options.ts'
import { prepareLan, terminalQr } from './demo/serve-lan.ts'
import { seedContacts } from './demo/seed-contacts.ts'
import { seedNotices } from './demo/seed-notices.ts'
import { readCityTime, setClock } from './demo/set-clock.ts'
import { openSimulatedSessions, openSwitchboardSession, readCodes } from './demo/simulator-input.ts'
import { startSimulator } from './demo/start-simulator.ts'

const root = join(import.meta.dirname, '../../..')
const options = readOptions(process.argv.slice(2), root)
const started = performance.now()
const elapsed = () => (performance.now() - started) / 1_000
const log = (line: string) => console.error(`${elapsed().toFixed(1).padStart(6)} s  ${line}`)

/** Undone in reverse order at the end, whatever was reached. */
const undo: (() => Promise<unknown>)[] = []
let stopping: Promise<void> | undefined

process.on('SIGINT', () => void stop(0))
process.on('SIGTERM', () => void stop(0))
process.on('SIGHUP', () => void stop(0))
try {
  await run()
} catch (error) {
  // A stop in the middle of the start pulls the floor away from it: that is no failure.
  if (stopping === undefined) {
    console.error(error instanceof Error ? error.message : error)
    await stop(1)
  }
}

async function run(): Promise<void> {
  const { city, isNew } = openCityFile(options.dataDir, options.fresh)
  const services = await startServices({ dataDir: options.dataDir, log, fresh: options.fresh })
  undo.push(() => services.stop())
  await migrate(services.databaseUrl)
  const db = connect(services.databaseUrl, { max: 4, name: 'patrol demo' })
  undo.push(() => db.$client.end())
  log('The database has the newest schema.')

  const { jumpedBackMs } = await setClock(db, options.speed)
  if (jumpedBackMs > 60_000) {
    log(
      `The city’s clock is the real one again and went back ${Math.round(jumpedBackMs / 60_000)} minutes; --fresh makes a city without a future.`,
    )
  }
  await fill(db, city, isNew)
  await keepRoster()
  await buildClients(root, log)

  const lan = options.lan ? await prepareLan(options.dataDir) : null
  const port = await choosePort(options.port, lan === null ? '127.0.0.1' : '0.0.0.0')
  const scheme = lan === null ? 'http' : 'https'
  const origin = `${scheme}://${lan?.addresses[0] ?? '127.0.0.1'}:${port}`
  const env = readEnv({
    DATABASE_URL: services.databaseUrl,
    REDIS_URL: services.redisUrl,
    HOST: lan === null ? '127.0.0.1' : '0.0.0.0',
    PORT: String(port),
    PUBLIC_ORIGIN: origin,
    TAG_KEYS: JSON.stringify(city.tagKeys),
    SERVER_KEY: city.serverKey,
    CONTACT_KEYS: JSON.stringify(city.contactKeys),
    VAPID_PRIVATE_KEY: city.vapidKey,
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'warn',
    TLS_CERT_FILE: lan?.certFile,
    TLS_KEY_FILE: lan?.keyFile,
  })
  if (env.contactKeys !== null) await seedContacts(db, env.contactKeys)
  await seedNotices(db)
  const server = await start(env)
  undo.push(() => server.stop())
  log(`The server listens on ${origin}.`)

  if (options.units > 0) {
    const simulator = startSimulator(root, {
      origin: `${scheme}://127.0.0.1:${port}`,
      cookieName: lan === null ? 'patrol' : '__Host-patrol',
      databaseUrl: services.databaseUrl,
      units: options.units,
      certFile: lan?.certFile ?? null,
      input: {
        tokens: await openSimulatedSessions(db),
        codes: await readCodes(db, env.tagKeys),
        switchboard: await openSwitchboardSession(db),
      },
      log,
    })
    undo.push(() => simulator.stop())
    // Points that were imported or retired meanwhile.
    const timer = setInterval(() => {
      readCodes(db, env.tagKeys).then(
        (codes) => simulator.tell({ codes }),
        () => undefined, // the database is away: the next minute will do
      )
    }, 60_000)
    undo.push(async () => clearInterval(timer))
  }
  const labelFile = await writeLabels(db, env.tagKeys, origin)
  console.log(describeCity(city, { labelFile, origin, seconds: elapsed(), speed: options.speed }))
  if (lan !== null) console.log(`${await terminalQr(`${origin}/field/`)}\n  ${origin}/field/`)

  /** The roster is planned two days ahead, again every hour of the city's time. */
  async function keepRoster() {
    const fill = async () => extendShifts(db, { now: await readCityTime(db) })
    await fill()
    const timer = setInterval(
      () => fill().catch((error: unknown) => log(`The roster was not extended: ${String(error)}`)),
      3_600_000 / options.speed,
    )
    undo.push(async () => clearInterval(timer))
  }
}

/** Fills an empty city, or brings in real input that was not imported before; what was done is remembered. */
async function fill(db: Db, city: CityFile, isNew: boolean): Promise<void> {
  const seeded = await isSeeded(db)
  const folder = options.data
  const wanted = folder !== undefined && !(city.imported.includes(folder) && seeded)
  if (folder !== undefined && !wanted) log(`${folder} was imported at an earlier start.`)
  if (seeded && !isNew && !wanted) return
  let syntheticPoints = !seeded
  if (wanted) {
    log(`Importing real input from ${folder}:`)
    const keyVersion = Math.max(...Object.keys(city.tagKeys).map(Number))
    const { hasPoints } = await importData(db, { folder, keyVersion, log: (line) => log(`  ${line}`) })
    if (hasPoints) syntheticPoints = false
    city.imported.push(folder)
  }
  log('Filling the demonstration city:')
  await fillCity(db, { city, syntheticPoints, log })
  saveCityFile(options.dataDir, city)
}

/** The labels of the demo officer's station, for a phone to scan from the screen or from paper. */
async function writeLabels(
  db: Db,
  tagKeys: ReadonlyMap<number, Buffer>,
  origin: string,
): Promise<string | null> {
  const labels = await readLabels(db, { tagKeys, origin, station: demoStation })
  if (labels.length === 0) return null
  const file = join(options.dataDir, 'labels.html')
  writeFileSync(file, await drawSheet(labels, 'html'), { mode: 0o600 })
  return file
}

/** Stops everything in the reverse order of its start, once; a second Ctrl-C changes nothing. */
function stop(code: number): Promise<void> {
  stopping ??= (async () => {
    log('Stopping …')
    for (const step of undo.reverse()) {
      await step().catch((error: unknown) => log(error instanceof Error ? error.message : String(error)))
    }
    log('Stopped.')
    process.exit(code)
  })()
  return stopping
}
