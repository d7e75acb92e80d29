import { EventEmitter } from 'node:events'
import websocket from '@fastify/websocket'
import type { FastifyInstance } from 'fastify'

/**
 * One dispatcher for WebSocket upgrades, by path. Left alone, @fastify/websocket answers 404 to every upgrade
 * that is not its own, socket.io's included, and the wall then silently stays on long polling.
 * So it listens to a stub instead of the server, and hears only what is for it.
 */
export async function addUpgrades(app: FastifyInstance) {
  const stub = new EventEmitter()
  await app.register(websocket, {
    options: { server: asServer(stub), maxPayload: 512 * 1024 },
    // Phones keep what was not acknowledged, so nothing is lost by cutting; waiting for each to say goodbye may last.
    preClose(done) {
      for (const client of this.websocketServer.clients) client.terminate()
      this.websocketServer.close(done)
    },
  })
  app.server.on('upgrade', (request, socket, head) => {
    const path = request.url?.split('?')[0] ?? ''
    if (path.startsWith('/ws/')) stub.emit('upgrade', request, socket, head)
    // socket.io has its own listener, and leaves other paths alone (destroyUpgrade: false).
    else if (!path.startsWith('/socket.io/')) socket.destroy()
  })
}

/** The plugin only ever calls `on('upgrade', …)` of the server it is given. */
function asServer(stub: EventEmitter): FastifyInstance['server'] {
  return stub as FastifyInstance['server']
}
