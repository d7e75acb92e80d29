import { createServer } from 'node:net'

const usual = 8080

/** The wanted port, or else 8080 or the next free one. Throws when the wanted one is taken. */
export async function choosePort(wanted: number | undefined, host: string): Promise<number> {
  if (wanted !== undefined) {
    if (await isFree(wanted, host)) return wanted
    throw new Error(`Port ${wanted} is in use; choose another with --port.`)
  }
  for (let port = usual; port < usual + 100; port++) {
    if (await isFree(port, host)) return port
  }
  throw new Error(`No port from ${usual} to ${usual + 99} is free; choose one with --port.`)
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, host, () => probe.close(() => resolve(true)))
  })
}
