import ws, { type Socket } from 'k6/ws'
import type { Frame, Heartbeat, UnitsMoved } from '@patrol/contract'

/** What a screen hears. */
export interface ScreenEars {
  connected(): void
  frame(frame: Frame): void
  heartbeat?(heartbeat: Heartbeat): void
  units?(moved: UnitsMoved): void
}

/**
 * A socket.io connection over k6's bare WebSocket: engine.io protocol 4 (`0` open, `2` ping, `3` pong, `4` message) with
 * socket.io protocol 5 in its messages (`40` connect, `42` event, `44` refused). Returns when the socket is closed.
 *
 * @param seconds after which it is closed
 */
export function watchScreen(origin: string, cookie: string, seconds: number, ears: ScreenEars): void {
  const url = `${origin.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`
  ws.connect(url, { headers: { cookie } }, (socket) => {
    socket.on('message', (packet) => hear(socket, packet, ears))
    socket.on('error', (error) => {
      throw new Error(`A screen lost its socket: ${error.error()}`)
    })
    socket.setTimeout(() => socket.close(), seconds * 1_000)
  })
}

function hear(socket: Socket, packet: string, ears: ScreenEars): void {
  if (packet === '2') return socket.send('3')
  if (packet.startsWith('0')) return socket.send('40')
  if (packet.startsWith('40')) return ears.connected()
  if (packet.startsWith('44')) throw new Error(`The server refused a screen: ${packet.slice(2)}`)
  if (!packet.startsWith('42')) return
  const [name, body]: [string, never] = JSON.parse(packet.slice(2))
  if (name === 'frame') ears.frame(body)
  else if (name === 'heartbeat') ears.heartbeat?.(body)
  else if (name === 'units') ears.units?.(body)
}
