import { WebSocket } from 'ws'

const ping = '2'.charCodeAt(0)
const open = '0'.charCodeAt(0)
const message = '4'.charCodeAt(0)
const connected = '0'.charCodeAt(0)

export interface CountingScreen {
  /** The network goes: the socket is cut and stays away. */
  cut(): void
  comeBack(): void
  close(): void
}

/**
 * A screen that takes everything and reads nothing: engine.io's packets by hand (protocol 4), so that 500 of them cost the
 * generator little. `0` opens, `40` joins the namespace, `2` is a ping to be answered by `3`, the rest is counted.
 */
export function openCountingScreen(
  origin: string,
  cookie: string,
  news: { live(open: boolean): void; received(bytes: number): void; packet?(data: Buffer): void },
): CountingScreen {
  let away = false
  let socket = dial()

  function dial(): WebSocket {
    const made = new WebSocket(`${origin.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`, {
      headers: { cookie },
      perMessageDeflate: false,
      skipUTF8Validation: true,
    })
    made.on('message', (data) => {
      if (!Buffer.isBuffer(data)) return
      news.received(data.length)
      if (data[0] === ping) made.send('3')
      else if (data[0] === open) made.send('40')
      else if (data[0] === message && data[1] === connected) news.live(true)
      else news.packet?.(data)
    })
    made.on('error', () => undefined) // 'close' follows
    made.on('close', () => {
      news.live(false)
      if (away) return
      setTimeout(() => (socket = away ? socket : dial()), 250 + 250 * Math.random())
    })
    return made
  }

  function cut() {
    away = true
    socket.terminate()
  }

  return {
    cut,
    comeBack() {
      away = false
      socket = dial()
    },
    close: cut,
  }
}
