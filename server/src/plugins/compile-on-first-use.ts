import ajvCompiler from '@fastify/ajv-compiler'
import jsonCompiler from '@fastify/fast-json-stringify-compiler'
import type { App } from '../app.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Compiles the schemas of all doors, checked, and returns how many. @throws on the first that does not compile */
    checkSchemas(): number
  }
}

/** TypeBox writes the schemas and a test checks them all: to check them again at each start would cost 45 ms. */
const unchecked = { meta: false, validateSchema: false }

/**
 * Fastify's own compilers of schemas, but each schema is compiled when it is first needed: all at once they are a third of the
 * server's start, and after an outage the whole city waits for that start.
 */
export function compileOnFirstUse(app: App): void {
  const buildValidator = ajvCompiler()({}, { customOptions: unchecked, plugins: [] })
  const buildSerializer = jsonCompiler()({}, {})
  const checker = once(() => ajvCompiler()({}, { customOptions: {}, plugins: [] }))
  const checks: (() => unknown)[] = []

  app.setValidatorCompiler((route) => {
    const compiled = once(() => buildValidator(route))
    checks.push(() => checker()(route))
    const validate: ReturnType<Parameters<App['setValidatorCompiler']>[0]> = (data) => {
      const isValid = compiled()(data) === true
      // Fastify reads what is wrong from the function that it was given.
      validate.errors = compiled().errors ?? null
      return isValid
    }
    return validate
  })
  app.setSerializerCompiler((route) => {
    const compiled = once(() => buildSerializer({ httpStatus: '', ...route }))
    checks.push(compiled)
    return (data) => compiled()(data)
  })
  app.decorate('checkSchemas', () => {
    for (const check of checks) check()
    return checks.length
  })
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}
