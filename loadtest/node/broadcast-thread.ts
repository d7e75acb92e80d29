import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { workerData } from 'node:worker_threads'
import { WebSocketServer, type WebSocket } from 'ws'
import { now } from './boards.ts'
import { answerCommands } from './thread.ts'

/** Bytes of one message to each kind of screen, and messages per second. */
export interface BroadcastData {
  wallBytes: number
  consoleBytes: number
  perSecond: number
}

const { wallBytes, consoleBytes, perSecond }: BroadcastData = workerData
const walls = new Set<WebSocket>()
const consoles = new Set<WebSocket>()

const commands = {
  async listen(): Promise<number> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
    server.on('connection', (socket, request) => (request.url === '/wall' ? walls : consoles).add(socket))
    await once(server, 'listening')
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  },
  async broadcast({ seconds }: { seconds: number }): Promise<void> {
    const started = now()
    for (let sent = 0; now() - started < seconds * 1_000;) {
      if (now() - started < (sent * 1_000) / perSecond) {
        await sleep(1)
        continue
      }
      sent++
      send(walls, wallBytes)
      send(consoles, consoleBytes)
    }
  },
}
export type BroadcastCommands = typeof commands

function send(sockets: Set<WebSocket>, bytes: number) {
  const text = now().toFixed(3).padStart(20, '0').padEnd(Math.max(20, bytes), 'x')
  const message = Buffer.from(text)
  for (const socket of sockets) socket.send(message, { binary: false })
}

answerCommands(commands)
