/** Receives one line of progress; commands print it on standard error. */
export type Log = (line: string) => void

/** How a server goes down: `fast` in order, `immediate` as fast as it can (Postgres recovers at the next start), `kill` by SIGKILL. */
export type StopMode = 'fast' | 'immediate' | 'kill'

/** One server, for those who start it and for the fault benches that take it away. Throws where the server is not ours. */
export interface Service {
  /** Process id while it runs here; undefined when it is down, in a container or somebody else's. */
  pid(): number | undefined
  /** Starts it on the same port; at once when it is up. Resolves when it accepts log-ins. */
  start(): Promise<void>
  /** Resolves when its processes are gone. */
  stop(mode?: StopMode): Promise<void>
  restart(mode?: StopMode): Promise<void>
}

export interface Services {
  databaseUrl: string
  redisUrl: string
  kind: 'given' | 'docker' | 'local'
  postgres: Service
  redis: Service
  /** Lets go of the servers; they end with the last process that uses them. Given ones stay as they are. */
  stop(): Promise<void>
}

export interface ServicesOptions {
  /** Folder for data and secrets, absolute. Two programs with the same folder share the servers. */
  dataDir: string
  log: Log
  /** Throws away what the folder held. */
  fresh?: boolean
  /** False for tests only: no fsync, so a power cut may lose data. A killed server does not. */
  durable?: boolean
}

/** Builds `restart` from the other two. */
export function withRestart(service: Omit<Service, 'restart'>): Service {
  return {
    ...service,
    async restart(mode = 'fast') {
      await service.stop(mode)
      await service.start()
    },
  }
}
