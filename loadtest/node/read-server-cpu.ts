import { readGauge } from './read-gauge.ts'

/** CPU seconds that the gateways have used so far, by their own metrics. */
export async function readServerCpu(origins: readonly string[]): Promise<number> {
  let seconds = 0
  for (const origin of origins) seconds += await readGauge(origin, 'process_cpu_seconds_total')
  return seconds
}
