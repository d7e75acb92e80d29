/** CPU seconds that the gateways have used so far, by their own metrics. */
export async function readServerCpu(origins: readonly string[]): Promise<number> {
  let seconds = 0
  for (const origin of origins) {
    const text = await (await fetch(`${origin}/metrics`)).text()
    seconds += Number(/^process_cpu_seconds_total ([\d.e+-]+)/m.exec(text)?.[1] ?? 0)
  }
  return seconds
}
