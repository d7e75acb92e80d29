import { connect } from 'node:net'

/**
 * Sends inline commands after AUTH and resolves with the raw answer to the last. Enough to see whether a server is ready, so
 * that this package needs no Redis client.
 */
export function askRedis(redisUrl: string, command: string, timeoutMilliseconds = 2_000): Promise<string> {
  const { hostname, port, password } = new URL(redisUrl)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port || 6379), hostname, () => {
      socket.write(password ? `AUTH ${decodeURIComponent(password)}\r\n${command}\r\n` : `${command}\r\n`)
    })
    let answer = ''
    const lines = password ? 2 : 1
    const finish = (error?: Error) => {
      socket.destroy()
      if (error) reject(error)
      else resolve(answer.trimEnd().split('\r\n').at(-1) ?? '')
    }
    socket.setEncoding('utf8')
    socket.setTimeout(timeoutMilliseconds, () => finish(new Error('Redis does not answer')))
    socket.on('error', finish)
    socket.on('close', () => finish(new Error('Redis closed the connection')))
    socket.on('data', (chunk: string) => {
      answer += chunk
      if (answer.split('\r\n').length > lines) finish()
    })
  })
}
