import { type Service, type Services } from './services.ts'

/** The servers named by DATABASE_URL and REDIS_URL, or undefined when neither is set. Throws when only one is. */
export function givenServices(env: NodeJS.ProcessEnv): Services | undefined {
  const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl } = env
  if (!databaseUrl && !redisUrl) return undefined
  if (!databaseUrl || !redisUrl) {
    throw new Error(
      'DATABASE_URL and REDIS_URL go together: set both, or neither to have the servers started for you.',
    )
  }
  return {
    databaseUrl,
    redisUrl,
    kind: 'given',
    postgres: notOurs('DATABASE_URL'),
    redis: notOurs('REDIS_URL'),
    stop: () => Promise.resolve(),
  }
}

function notOurs(variable: string): Service {
  const refuse = () => Promise.reject(new Error(`The server of ${variable} is not ours to stop or start.`))
  return { pid: () => undefined, start: refuse, stop: refuse, restart: refuse }
}
