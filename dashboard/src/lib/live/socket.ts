import type { Frame, Heartbeat, Scope, UnitsMoved } from '@patrol/contract'
import { io, type Socket } from 'socket.io-client'

interface ServerEvents {
  frame: (frame: Frame) => void
  heartbeat: (heartbeat: Heartbeat) => void
  units: (moved: UnitsMoved) => void
  scope: (scope: Scope) => void
  logout: (notice: { code: string }) => void
}

export interface SocketNews {
  connected(): void
  frame(frame: Frame): void
  heartbeat(heartbeat: Heartbeat): void
  units(moved: UnitsMoved): void
  /** What this session may see, at each connection and when it changes. */
  scope(scope: Scope): void
  /** The connection was refused or cut; the session may be over. */
  refused(): void
  loggedOut(): void
}

export interface LiveSocket {
  isConnected(): boolean
  /** A connection that says nothing is as good as none: hang up and dial again. */
  redial(): void
  close(): void
}

/** Opens the one socket of this screen. It comes back by itself until closed. */
export function openSocket(news: SocketNews): LiveSocket {
  // No long polling: without a real WebSocket a wall would be late without saying so.
  const socket: Socket<ServerEvents, Record<string, never>> = io({
    transports: ['websocket'],
    // Dialling a server that is away costs nothing; a wall must be back within two seconds of it.
    reconnectionDelay: 250,
    reconnectionDelayMax: 500,
    randomizationFactor: 0.5,
    timeout: 5_000,
  })
  let closed = false
  socket.on('connect', () => news.connected())
  socket.on('frame', (frame) => news.frame(frame))
  socket.on('heartbeat', (heartbeat) => news.heartbeat(heartbeat))
  socket.on('units', (moved) => news.units(moved))
  socket.on('scope', (scope) => news.scope(scope))
  socket.on('logout', () => news.loggedOut())
  socket.on('connect_error', () => {
    news.refused()
    // The server said no in its own words: socket.io leaves trying again to us.
    if (!socket.active) redialLater()
  })
  socket.on('disconnect', (reason) => {
    if (reason !== 'io server disconnect') return
    news.refused()
    redialLater()
  })

  function redialLater(): void {
    setTimeout(
      () => {
        if (!closed && !socket.connected) socket.connect()
      },
      500 + 1_000 * Math.random(),
    )
  }

  return {
    isConnected: () => socket.connected,
    redial: () => {
      socket.disconnect()
      if (!closed) socket.connect()
    },
    close: () => {
      closed = true
      socket.disconnect()
    },
  }
}
