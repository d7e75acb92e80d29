import type { FastifyError, FastifyInstance } from 'fastify'
import type { Problem } from '@patrol/contract'
import { ProblemError, problems } from '../problems.ts'
import { isBadValue } from '../unusable.ts'

/** The only place where an error becomes an answer. Above 499 the client gets a plain sentence, the log the rest. */
export function handleProblems(app: FastifyInstance) {
  app.setNotFoundHandler((_request, reply) => reply.code(404).send(problem('NOT_FOUND')))

  app.setErrorHandler<FastifyError | ProblemError>((error, request, reply) => {
    if (error instanceof ProblemError) {
      if (error.statusCode >= 500) request.log.error({ err: error }, 'request failed')
      if (error.retryAfterSeconds !== undefined) reply.header('retry-after', error.retryAfterSeconds)
      const field = error.field === undefined ? {} : { field: error.field }
      const about = error.about === undefined ? {} : { about: error.about }
      return reply
        .code(error.statusCode)
        .send({ code: error.code, message: error.message, ...field, ...about })
    }
    if (error.validation) {
      const fault = error.validation[0]
      const missing =
        typeof fault?.params['missingProperty'] === 'string' ? `/${fault.params['missingProperty']}` : ''
      return reply.code(400).send({
        code: 'INVALID_INPUT',
        message: error.message,
        field: `${error.validationContext ?? ''}${fault?.instancePath ?? ''}${missing}`,
      } satisfies Problem)
    }
    if (error.statusCode === 413) return reply.code(413).send(problem('PAYLOAD_TOO_LARGE'))
    if (error.statusCode === 429) return reply.code(429).send(problem('TOO_MANY_REQUESTS'))
    if (error.statusCode !== undefined && error.statusCode < 500) {
      return reply
        .code(error.statusCode)
        .send({ code: 'INVALID_INPUT', message: error.message } satisfies Problem)
    }
    // A well-formed request with a value that the database has no room for: NUL, the year 0, an id beyond its integers.
    if (isBadValue(error)) {
      request.log.warn({ err: error }, 'request refused by the database')
      return reply.code(400).send(problem('INVALID_INPUT'))
    }
    request.log.error({ err: error }, 'request failed')
    // A database that is restarting is not our bug: the phone keeps its item and tries again.
    if (isUnreachable(error)) return reply.code(503).header('retry-after', '1').send(problem('UNAVAILABLE'))
    return reply.code(500).send(problem('INTERNAL'))
  })
}

function problem(code: keyof typeof problems): Problem {
  return { code, message: problems[code][1] }
}

/** Connection errors, and PostgreSQL's classes 08 (connection), 57P (shutdown, starting up) and 53 (too many). */
function isUnreachable(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const code = 'code' in at && typeof at.code === 'string' ? at.code : ''
    if (/^(ECONN|EPIPE|ETIMEDOUT|08|57P|53)/.test(code)) return true
    if (/timeout exceeded when trying to connect|Connection terminated/.test(at.message)) return true
  }
  return false
}
