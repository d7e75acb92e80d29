import { statfsSync, statSync } from 'node:fs'
import { totalmem } from 'node:os'

const MEGABYTE = 1024 * 1024

/** The longest path of a socket file that Linux takes; other systems take a few bytes less. */
const longestSocketPath = 103

/**
 * The file through which programs of this machine reach a server with this data folder, or undefined where its path is too long:
 * then they take TCP. A question over it costs 40 % less of both processors (85 µs down to 50).
 */
export function socketFile(folder: string, port: number): string | undefined {
  const file = `${folder}/.s.PGSQL.${port}`
  // The setting is a list: a comma, quote or space in the path would be taken for more than one folder.
  const isPlain = /^[/.\w-]+$/.test(folder)
  return isPlain && file.length <= longestSocketPath ? file : undefined
}

/** Settings as `-c name=value`. Durability stays on; only tests switch it off. */
export function postgresSettings({
  durable,
  folder,
  port,
}: {
  durable: boolean
  folder: string
  port: number
}): string[] {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: socketFile(folder, port) === undefined ? '' : folder,
    max_connections: '200',
    shared_buffers: `${sharedBuffersMegabytes()}MB`,
    work_mem: '16MB',
    maintenance_work_mem: '128MB',
    // A burst of breadcrumbs writes about 1 GB of log a quarter of an hour; checkpoints by time, not by size.
    max_wal_size: '4GB',
    min_wal_size: '256MB',
    checkpoint_timeout: '15min',
    // Data is on a flash disk nearly everywhere now.
    random_page_cost: '1.1',
    // All our queries are short; compiling them costs more than it saves.
    jit: 'off',
    autovacuum_naptime: '15s',
    // After a crash: one call for the file system instead of one for each of a thousand files (measured: 2.3–3.2 s down to 0.12 s).
    ...(process.platform === 'linux' ? { recovery_init_sync_method: 'syncfs' } : {}),
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] %a ',
    dynamic_shared_memory_type: sharedMemoryIsPoor() ? 'mmap' : 'posix',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/** An eighth of the memory: the machine also runs the server, Redis and often a browser. */
function sharedBuffersMegabytes(): number {
  return Math.round(Math.min(1024, Math.max(128, totalmem() / MEGABYTE / 8)))
}

/** Containers often have 64 MB of /dev/shm, which one parallel query can fill, and some a folder that only root may write. */
function sharedMemoryIsPoor(): boolean {
  if (process.platform !== 'linux') return false
  try {
    const { bsize, blocks } = statfsSync('/dev/shm')
    const everybodyWrites = (statSync('/dev/shm').mode & 0o002) !== 0
    return bsize * blocks < 256 * MEGABYTE || !everybodyWrites
  } catch {
    return true
  }
}
