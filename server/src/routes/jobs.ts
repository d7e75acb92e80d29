import { randomInt } from 'node:crypto'
import Type from 'typebox'
import { sql } from 'drizzle-orm'
import { Job, JobKind, JobRequest, JobState } from '@patrol/contract'
import { cancelJob } from '../jobs/cancel-job.ts'
import { jobKinds } from '../jobs/kinds.ts'
import { readJob, type JobRow } from '../jobs/read-job.ts'
import { withinScope } from '../organisation/scope.ts'
import { officerOf, principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import type { App } from '../app.ts'

const columns = { precinctId: sql`precinct_id`, stationId: sql`station_id` }

/** Heavy work: asked for, looked at, cancelled. */
export async function jobRoutes(app: App) {
  const access = ['operator', 'duty-officer', 'supervisor', 'administrator'] as const

  app.post(
    '/api/v1/jobs',
    { config: { access }, schema: { body: JobRequest, response: { 202: Job } } },
    async (request, reply) => {
      const { kind, input, key, seed } = request.body
      const { scope, grants } = principalOf(request)
      const heavy = jobKinds[kind]
      if (!grants.some((grant) => heavy.access.includes(grant.role))) throw new ProblemError('NOT_ALLOWED')
      const read = heavy.read(input)
      if ('field' in read) {
        throw new ProblemError('INVALID_INPUT', {
          field: `body/input${read.field}`,
          message: `body/input${read.field} ${read.message}`,
        })
      }
      const place = await heavy.placeOf(app.db, read.value, scope)
      if (place === null) throw new ProblemError('NOT_FOUND')
      const requestedBy = officerOf(request).id
      const version = await heavy.version(app.db, read.value)
      const job = await app.jobs.start({
        kind,
        input: read.value,
        key,
        seed: seed ?? (heavy.drawsSeed ? randomInt(2_000_000_000) : undefined),
        version,
        place,
        requestedBy,
      })
      return reply.code(202).send(readJob(job))
    },
  )

  app.get(
    '/api/v1/jobs',
    {
      config: { access },
      schema: {
        querystring: Type.Object({
          kind: Type.Optional(JobKind),
          state: Type.Optional(JobState),
          limit: Type.Integer({ default: 50, minimum: 1, maximum: 500 }),
        }),
        response: { 200: Type.Object({ jobs: Type.Array(Job) }) },
      },
    },
    async (request) => {
      const { kind, state, limit } = request.query
      const { rows } = await app.db.execute<JobRow>(sql`
        select * from job where ${withinScope(principalOf(request).scope, columns)}
          ${kind === undefined ? sql`` : sql`and kind = ${kind}`}
          ${state === undefined ? sql`` : sql`and state = ${state}`}
        order by requested_at desc, id desc limit ${limit}`)
      return { jobs: rows.map(readJob) }
    },
  )

  app.get(
    '/api/v1/jobs/:id',
    {
      config: { access },
      schema: { params: Type.Object({ id: Type.Integer() }), response: { 200: Job } },
    },
    async (request): Promise<Job> => {
      const { rows } = await app.db.execute<JobRow>(sql`
        select * from job where id = ${request.params.id} and ${withinScope(principalOf(request).scope, columns)}`)
      if (rows[0] === undefined) throw new ProblemError('NOT_FOUND')
      return readJob(rows[0])
    },
  )

  app.post(
    '/api/v1/jobs/:id/cancel',
    {
      config: { access },
      schema: { params: Type.Object({ id: Type.Integer() }), response: { 200: Job } },
    },
    async (request): Promise<Job> => {
      const { scope } = principalOf(request)
      const officerId = officerOf(request).id
      const found = await cancelJob(app.db, { jobId: request.params.id, officerId, scope })
      if (found === null) throw new ProblemError('NOT_FOUND')
      if (found.cancelled) app.jobs.tellCancelled(found.job.id)
      return readJob(found.job)
    },
  )
}
