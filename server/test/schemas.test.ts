import { fastify } from 'fastify'
import Type from 'typebox'
import { expect, test } from 'vitest'
import type { App } from '../src/app.ts'
import { compileOnFirstUse } from '../src/plugins/compile-on-first-use.ts'
import { startTestCity } from './build-app.ts'

// They are compiled when a door is first used: a broken one would be found by its first visitor.
test('the schemas of all doors compile', async () => {
  const city = await startTestCity()
  try {
    expect(city.app.checkSchemas()).toBeGreaterThan(100)
  } finally {
    await city.stop()
  }
})

test('a schema that does not compile is found', async () => {
  const app: App = fastify()
  compileOnFirstUse(app)
  app.get('/', { schema: { querystring: Type.Unsafe({ type: 'nonsense' }) } }, () => null)
  await app.ready()
  expect(() => app.checkSchemas()).toThrow('data/type must be equal')
  await app.close()
})
