import type { ServerTime } from '@patrol/contract'

export interface CityClock {
  /** The city's time, epoch milliseconds. */
  now(): number
  readonly speed: number
  /** The moment of a city time on the monotonic clock. */
  monotonicAt(cityMs: number): number
  /** What a phone sends back with a scan: the last beacon heard before it, and when, on the monotonic clock, that was. */
  beaconBefore(monotonicMs: number): { token: string; monotonicMs: number }
}

const everyMs = 20_000

/** Follows the server's clock through its public door. Throws when the first reading fails. */
export async function followClock(server: string, signal: AbortSignal): Promise<CityClock> {
  let reading = await read(server)
  let previous = reading
  const timer = setInterval(() => {
    read(server).then(
      (next) => {
        previous = reading
        reading = next
      },
      () => undefined, // the server is away: the clock goes on by itself
    )
  }, everyMs)
  signal.addEventListener('abort', () => clearInterval(timer))
  return {
    now: () => reading.cityMs + (performance.now() - reading.atMs) * reading.speed,
    get speed() {
      return reading.speed
    },
    monotonicAt: (cityMs) => reading.atMs + (cityMs - reading.cityMs) / reading.speed,
    beaconBefore: (monotonicMs) =>
      reading.beacon.monotonicMs <= monotonicMs ? reading.beacon : previous.beacon,
  }
}

async function read(server: string) {
  const before = performance.now()
  const response = await fetch(`${server}/api/v1/time`)
  const time = readTime(await response.json())
  const atMs = (before + performance.now()) / 2
  return {
    cityMs: Date.parse(time.now),
    atMs,
    speed: time.speed,
    beacon: { token: time.beacon, monotonicMs: atMs },
  }
}

function readTime(body: unknown): ServerTime {
  if (typeof body === 'object' && body !== null && 'now' in body && 'speed' in body && 'beacon' in body) {
    const { now, speed, beacon } = body
    if (typeof now === 'string' && typeof speed === 'number' && typeof beacon === 'string')
      return { now, speed, beacon }
  }
  throw new Error('The server does not tell its time.')
}
