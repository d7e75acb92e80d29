import { once } from 'node:events'
import { createServer, type AddressInfo, type ListenOptions, type Server } from 'node:net'
import type { App } from '../app.ts'

/**
 * Connections that wait to be accepted: after an outage 2,000 phones and 550 screens dial within a second. Of Node's usual 511,
 * the kernel drops what is above, and who was dropped dials again after one, three and seven seconds.
 */
const backlog = 4_096

/**
 * A listener of Node accepts one connection a turn of the event loop (seen with libuv 1.52). With turns of 15 ms, as in the first
 * seconds after an outage, 250 who dial at once waited up to 3.6 s for their turn; this many listeners take so many a turn.
 */
const listeners = 16

/**
 * Opens the doors at this address: one port, several listeners where the system shares a port among them.
 * @returns the address, such as `http://127.0.0.1:3000`
 * @throws EADDRINUSE when another program has the port
 */
export async function listen(app: App, { host, port }: { host: string; port: number }): Promise<string> {
  if (process.platform !== 'linux') return app.listen({ host, port, backlog })
  // A shared port would also be shared with a second server that somebody starts by mistake.
  if (port !== 0) await close(await open(createServer(), { host, port, exclusive: true }))

  const others = Array.from({ length: listeners - 1 }, () =>
    createServer({ allowHalfOpen: true, noDelay: true }, (socket) => app.server.emit('connection', socket)),
  )
  app.addHook('preClose', () => others.forEach((other) => other.close()))
  // Fastify passes on what its type does not name.
  const shared = { host, backlog, reusePort: true }
  const address = await app.listen({ ...shared, port })
  // Of the socket: an address leaves out 80 and 443.
  const { port: taken } = app.server.address() as AddressInfo
  await Promise.all(others.map((other) => open(other, { ...shared, port: taken })))
  return address
}

async function open(server: Server, at: ListenOptions): Promise<Server> {
  server.listen(at)
  await once(server, 'listening') // rejects on 'error'
  return server
}

async function close(server: Server): Promise<void> {
  server.close()
  await once(server, 'close')
}
