import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fastify } from 'fastify'
import { expect, test } from 'vitest'
import type { App } from '../app.ts'
import { listen } from './listen.ts'

const host = '127.0.0.1'

function makeApp(): App {
  const app: App = fastify({ forceCloseConnections: true })
  app.get('/', () => 'here')
  return app
}

test.runIf(process.platform === 'linux')('a herd is not accepted one by one', async () => {
  const app = makeApp()
  let accepted = 0
  app.server.on('connection', () => accepted++)
  const address = await listen(app, { host, port: 0 })
  const dialled = Array.from({ length: 200 }, () => connect(Number(new URL(address).port), host))
  await Promise.all(dialled.map((socket) => once(socket, 'connect'))) // by the kernel, before we accept them

  let turns = 0
  for (; accepted < dialled.length && turns < 200; turns++) await nextTurn()
  expect(accepted).toBe(200)
  expect(turns).toBeLessThan(80)
  dialled.forEach((socket) => socket.destroy())
  await app.close()
})

test('every listener serves, and none is left after closing', async () => {
  const app = makeApp()
  const address = await listen(app, { host, port: 0 })
  const answers = await Promise.all(Array.from({ length: 40 }, () => fetch(address).then((r) => r.text())))
  expect(new Set(answers)).toEqual(new Set(['here']))

  await app.close()
  const refused = await Promise.all(Array.from({ length: 40 }, () => isRefused(address)))
  expect(refused.every(Boolean)).toBe(true)
})

test('a port that another server has is not shared with it', async () => {
  const first = makeApp()
  const address = await listen(first, { host, port: 0 })
  const second = makeApp()
  await expect(listen(second, { host, port: Number(new URL(address).port) })).rejects.toThrow('EADDRINUSE')
  await Promise.all([first.close(), second.close()])
})

async function isRefused(address: string): Promise<boolean> {
  const socket: Socket = connect(Number(new URL(address).port), host)
  const refused = await once(socket, 'connect').then(
    () => false,
    () => true,
  )
  socket.destroy()
  return refused
}
