import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import fastify from 'fastify'
import { expect, test } from 'vitest'
import { listen } from '../src/plugins/listen.ts'

const host = '127.0.0.1'

/** Why the port cannot be had, or null. */
async function whyNot(port: number): Promise<string | null> {
  const server = createServer()
  try {
    server.listen({ host, port })
    await once(server, 'listening')
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    server.close()
  }
}

/** Sockets of this machine that listen at the port (state 0A). */
function countListeners(port: number): number {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n')
  return lines.filter((line) => new RegExp(`^\\s*\\d+: 0100007F:${hex} 00000000:0000 0A `).test(line)).length
}

// 80 is the one that an address leaves out; only some may take it. 0 is any that is free.
for (const port of [0, 80]) {
  const reason = process.platform === 'linux' ? await whyNot(port) : 'ports are shared on Linux only'
  if (reason !== null) console.log(`Not tested: listening at port ${port} (${reason}).`)

  test.skipIf(reason !== null)(
    `port ${port || 'of the system’s choice'} is shared by sixteen listeners, which all answer, and given back`,
    async () => {
      const app = fastify().withTypeProvider<TypeBoxTypeProvider>()
      app.get('/', (_request, reply) => reply.send('here'))
      await listen(app, { host, port })
      const address = app.server.address()
      const taken = typeof address === 'object' ? (address?.port ?? 0) : 0
      try {
        if (port !== 0) expect(taken).toBe(port)
        expect(countListeners(taken)).toBe(16)
        // No connection is used twice: the kernel spreads new ones over the listeners.
        const ask = () => fetch(`http://${host}:${taken}/`, { headers: { connection: 'close' } })
        const answers = await Promise.all(Array.from({ length: 64 }, async () => (await ask()).text()))
        expect(new Set(answers)).toEqual(new Set(['here']))
        const second = fastify().withTypeProvider<TypeBoxTypeProvider>()
        await expect(listen(second, { host, port: taken })).rejects.toThrow('EADDRINUSE')
        await second.close()
      } finally {
        await app.close()
      }
      expect(countListeners(taken)).toBe(0)
    },
  )
}
