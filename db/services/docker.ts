import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { canLogIn } from './database.ts'
import { askRedis } from './ask-redis.ts'
import { withLock } from './lock.ts'
import { ensureSecrets, type Secrets } from './secrets.ts'
import { type Service, type Services, type ServicesOptions, withRestart } from './services.ts'
import { countUsers, enter, leave } from './users.ts'

const composeFile = resolve(fileURLToPath(import.meta.url), '../../../compose.yaml')

/** Whether an engine with Compose answers. An engine that hangs is none. */
export function dockerAnswers(): boolean {
  const ask = (args: string[]) => spawnSync('docker', args, { stdio: 'ignore', timeout: 3_000 }).status === 0
  return ask(['info', '--format', '{{.ServerVersion}}']) && ask(['compose', 'version'])
}

/** The services `postgres` and `redis` of compose.yaml, with ports and passwords of their own for each data folder. */
export async function startDocker({ dataDir, log, fresh }: ServicesOptions): Promise<Services> {
  const secrets = await ensureSecrets(dataDir, 'docker')
  const compose = composeFor(dataDir, secrets)
  return withLock(dataDir, async () => {
    if (fresh) {
      if (countUsers(dataDir) > 0)
        throw new Error(`The servers of ${dataDir} are in use; stop the other command first.`)
      await compose('down', '--volumes')
    }
    const user = enter(dataDir)
    log('Starting PostgreSQL and Redis with Docker Compose …')
    await compose('up', '--detach', '--wait', 'postgres', 'redis')
    const databaseUrl = `postgres://patrol:${secrets.postgresPassword}@127.0.0.1:${secrets.postgresPort}/patrol`
    const redisUrl = `redis://:${secrets.redisPassword}@127.0.0.1:${secrets.redisPort}/0`
    return {
      databaseUrl,
      redisUrl,
      kind: 'docker',
      postgres: dockerService('postgres', compose, () => canLogIn(databaseUrl)),
      redis: dockerService('redis', compose, async () => (await askRedis(redisUrl, 'PING')) === '+PONG'),
      stop: () =>
        withLock(dataDir, async () => {
          leave(user)
          if (countUsers(dataDir) === 0) await compose('stop', 'postgres', 'redis')
        }),
    }
  })
}

type Compose = (...args: string[]) => Promise<void>

/** Runs `docker compose` for one data folder. Its progress goes to standard error. */
function composeFor(dataDir: string, secrets: Secrets): Compose {
  const project = `patrol-${createHash('sha256').update(dataDir).digest('hex').slice(0, 8)}`
  const env = {
    ...process.env,
    POSTGRES_PASSWORD: secrets.postgresPassword,
    POSTGRES_PORT: String(secrets.postgresPort),
    REDIS_PASSWORD: secrets.redisPassword,
    REDIS_PORT: String(secrets.redisPort),
  }
  return (...args) =>
    new Promise((done, fail) => {
      const all = ['compose', '--file', composeFile, '--project-name', project, ...args]
      const child = spawn('docker', all, { stdio: ['ignore', 2, 2], env })
      child.once('error', fail)
      child.once('exit', (code) => {
        if (code === 0) done()
        else fail(new Error(`docker ${all.join(' ')} ended with code ${code}; the reason is above.`))
      })
    })
}

function dockerService(name: string, compose: Compose, isReady: () => Promise<boolean>): Service {
  return withRestart({
    // In the engine's own process namespace, which may be another machine's.
    pid: () => undefined,
    async start() {
      await compose('up', '--detach', '--wait', name)
      if (!(await isReady())) throw new Error(`${name} is up but does not accept log-ins.`)
    },
    async stop(mode = 'fast') {
      if (mode === 'fast') await compose('stop', name)
      // SIGQUIT is PostgreSQL's immediate shutdown; Redis has none and just ends.
      else
        await compose(
          'kill',
          '--signal',
          mode === 'immediate' && name === 'postgres' ? 'SIGQUIT' : 'SIGKILL',
          name,
        )
    },
  })
}
