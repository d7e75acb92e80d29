import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { serverAccount } from './account.ts'
import { chooseBaseFolder } from './base-folder.ts'
import { createDatabase } from './database.ts'
import { type Binaries, findPostgres } from './find-binaries.ts'
import { freePort, portIsFree } from './free-port.ts'
import { localPostgres, postgresUrl, runningPostmaster } from './local-postgres.ts'
import { localRedis, redisUrl, runningRedis } from './local-redis.ts'
import { withLock } from './lock.ts'
import { endProcessesIn } from './process-mark.ts'
import { ensureSecrets, type Secrets, writeSecrets } from './secrets.ts'
import type { Service, Services, ServicesOptions } from './services.ts'
import { countUsers, enter, leave } from './users.ts'

/** Private servers from the machine's own binaries, or those that an earlier start with the same folder left running. */
export async function startLocal(options: ServicesOptions, binaries: Binaries): Promise<Services> {
  const account = serverAccount()
  const base = chooseBaseFolder(options.dataDir, account, options.log)
  return withLock(base, async () => {
    const started = Date.now()
    if (options.fresh) await wipe(base)
    const secrets = await settlePorts(options.dataDir, base)

    const common = { account, durable: options.durable ?? true }
    const postgresOptions = {
      ...common,
      binaries: postgresBinaries(base, binaries),
      folder: join(base, 'postgres'),
      port: secrets.postgresPort,
      password: secrets.postgresPassword,
    }
    const redisOptions = {
      ...common,
      binary: binaries.redisServer,
      folder: join(base, 'redis'),
      port: secrets.redisPort,
      password: secrets.redisPassword,
    }
    const postgres = localPostgres(postgresOptions)
    const redis = localRedis(redisOptions)

    // Entered first: whoever leaves meanwhile must not stop what is being started.
    const user = enter(base)
    try {
      await Promise.all([redis.start(), postgres.start()])
    } catch (error) {
      leave(user)
      throw error
    }
    const databaseUrl = await createDatabase(
      { databaseUrl: postgresUrl(postgresOptions, 'postgres') },
      'patrol',
    )
    options.log(`PostgreSQL and Redis are up after ${Date.now() - started} ms; their data is in ${base}.`)
    return {
      databaseUrl,
      redisUrl: redisUrl(redisOptions),
      kind: 'local',
      postgres,
      redis,
      stop: () => withLock(base, () => letGo(base, user, [postgres, redis])),
    }
  })
}

async function letGo(base: string, user: string, servers: Service[]): Promise<void> {
  leave(user)
  if (countUsers(base) === 0) await Promise.all(servers.map((server) => server.stop('fast')))
}

/** Stops what runs in the folder and removes its data. Throws while another process uses it. */
async function wipe(base: string): Promise<void> {
  if (countUsers(base) > 0)
    throw new Error(`The servers in ${base} are in use; stop the other command first.`)
  for (const folder of [join(base, 'postgres'), join(base, 'redis')]) {
    if (existsSync(folder)) await endProcessesIn(folder)
    rmSync(folder, { recursive: true, force: true })
    rmSync(`${folder}.log`, { force: true })
  }
}

/** A port of last time may have been taken by another program since; then the server that is down gets a new one. */
async function settlePorts(dataDir: string, base: string): Promise<Secrets> {
  const secrets = await ensureSecrets(dataDir, 'local')
  const settled = { ...secrets }
  if (runningPostmaster(join(base, 'postgres')) === undefined && !(await portIsFree(secrets.postgresPort)))
    settled.postgresPort = await freePort()
  if (runningRedis(join(base, 'redis')) === undefined && !(await portIsFree(secrets.redisPort)))
    settled.redisPort = await freePort()
  return writeSecrets(dataDir, settled)
}

/** Data of one major version is read by that version only, also when a newer one has been installed since. */
function postgresBinaries(base: string, { postgresFolder }: Binaries): string {
  const file = join(base, 'postgres/PG_VERSION')
  if (!existsSync(file)) return postgresFolder
  const major = Number(readFileSync(file, 'utf8'))
  const match = findPostgres().find(({ postgresMajor }) => postgresMajor === major)
  if (match) return match.postgresFolder
  throw new Error(
    `${base} holds data of PostgreSQL ${major}, which is not installed. Install it, or remove that folder.`,
  )
}
