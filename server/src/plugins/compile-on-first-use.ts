import ajvCompiler from '@fastify/ajv-compiler'
import jsonCompiler from '@fastify/fast-json-stringify-compiler'
import type { App } from '../app.ts'

/**
 * Fastify's own compilers of schemas, but each schema is compiled when it is first needed: all at once they are a third of the
 * server's start, and after an outage the whole city waits for that start.
 */
export function compileOnFirstUse(app: App): void {
  const buildValidator = ajvCompiler()({}, { customOptions: {}, plugins: [] })
  const buildSerializer = jsonCompiler()({}, {})

  app.setValidatorCompiler((route) => {
    let compiled: ReturnType<typeof buildValidator> | undefined
    const validate: ReturnType<Parameters<App['setValidatorCompiler']>[0]> = (data) => {
      compiled ??= buildValidator(route)
      const isValid = compiled(data) === true
      // Fastify reads what is wrong from the function that it was given.
      validate.errors = compiled.errors ?? null
      return isValid
    }
    return validate
  })
  app.setSerializerCompiler((route) => {
    let compiled: ReturnType<typeof buildSerializer> | undefined
    return (data) => (compiled ??= buildSerializer({ httpStatus: '', ...route }))(data)
  })
}
