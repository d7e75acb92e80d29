/** The `table` service of an OSRM server (https://project-osrm.org/docs/v5.24.0/api/#table-service). */
import type { Place } from './snap.ts'
import { bandShare, type HourBand, type TravelMode } from './speeds.ts'

/** Public OSRM servers take a hundred coordinates in one request; one's own may take more, and this works everywhere. */
const PER_SIDE = 50
const TIMEOUT_MS = 10_000

/**
 * Seconds from each of `from` to each of `to`, row by row; NaN where OSRM finds no way.
 * `{mode}` in the address is replaced by car, motorcycle or foot: OSRM serves one profile per server.
 * @throws Error when the server does not answer, or not with a table
 */
export async function askOsrm(
  url: string,
  from: readonly Place[],
  to: readonly Place[],
  { mode, band }: { mode: TravelMode; band: HourBand },
): Promise<Float64Array> {
  const seconds = new Float64Array(from.length * to.length)
  // OSRM knows no hours.
  const share = bandShare(true, mode, band)
  for (let i = 0; i < from.length; i += PER_SIDE) {
    for (let j = 0; j < to.length; j += PER_SIDE) {
      const rows = from.slice(i, i + PER_SIDE)
      const columns = to.slice(j, j + PER_SIDE)
      const table = await askTable(url.replaceAll('{mode}', mode), rows, columns)
      table.forEach((row, r) =>
        row.forEach((value, c) => (seconds[(i + r) * to.length + j + c] = (value ?? NaN) / share)),
      )
    }
  }
  return seconds
}

/** May this server be asked for this mode? A single one drives a car. */
export function osrmServes(url: string, mode: TravelMode): boolean {
  return url.includes('{mode}') || mode !== 'foot'
}

async function askTable(
  url: string,
  from: readonly Place[],
  to: readonly Place[],
): Promise<(number | null)[][]> {
  const places = [...from, ...to].map(({ lon, lat }) => `${lon.toFixed(6)},${lat.toFixed(6)}`).join(';')
  const numbers = (count: number, first: number) =>
    Array.from({ length: count }, (_, i) => first + i).join(';')
  const query = `sources=${numbers(from.length, 0)}&destinations=${numbers(to.length, from.length)}&annotations=duration`
  const response = await fetch(`${url.replace(/\/$/, '')}/table/v1/driving/${places}?${query}`, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  const body: unknown = await response.json().catch(() => null)
  if (!response.ok) throw new Error(`OSRM answered ${response.status}.`)
  return readDurations(body, from.length, to.length)
}

function readDurations(body: unknown, rows: number, columns: number): (number | null)[][] {
  const durations =
    typeof body === 'object' && body !== null && 'durations' in body ? body.durations : undefined
  if (!Array.isArray(durations) || durations.length !== rows) throw new Error('OSRM sent no table.')
  return durations.map((row: unknown) => {
    if (!Array.isArray(row) || row.length !== columns) throw new Error('OSRM sent a table of another size.')
    return row.map((value: unknown) => (typeof value === 'number' && value >= 0 ? value : null))
  })
}
