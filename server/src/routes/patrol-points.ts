import Type from 'typebox'
import { sql } from 'drizzle-orm'
import { Organisation, PatrolPoint } from '@patrol/contract'
import { readPatrolPoint, type PatrolPointRow } from '../organisation/read-patrol-point.ts'
import { withinScope } from '../organisation/scope.ts'
import { principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import type { App } from '../app.ts'

const watching = ['operator', 'duty-officer', 'supervisor', 'administrator', 'wall-display'] as const

/** The register: points, and the organisation they belong to. */
export async function patrolPointRoutes(app: App) {
  app.get(
    '/api/v1/patrol-points',
    {
      config: { access: watching },
      schema: {
        querystring: Type.Object({
          after: Type.Integer({ default: 0, minimum: 0 }),
          limit: Type.Integer({ default: 500, minimum: 1, maximum: 10_000 }),
        }),
        response: { 200: Type.Object({ points: Type.Array(PatrolPoint) }) },
      },
    },
    async (request) => {
      const { after, limit } = request.query
      const { rows } = await app.db.execute<PatrolPointRow>(sql`
        select p.*, st_x(p.position) as lon, st_y(p.position) as lat from patrol_point p
        where p.id > ${after} and p.retired_at is null
          and ${withinScope(principalOf(request).scope, { precinctId: sql`p.precinct_id`, stationId: sql`p.station_id` })}
        order by p.id limit ${limit}`)
      return { points: rows.map(readPatrolPoint) }
    },
  )

  app.get(
    '/api/v1/patrol-points/:id',
    {
      config: { access: watching },
      schema: { params: Type.Object({ id: Type.Integer() }), response: { 200: PatrolPoint } },
    },
    async (request): Promise<PatrolPoint> => {
      const { rows } = await app.db.execute<PatrolPointRow>(sql`
        select p.*, st_x(p.position) as lon, st_y(p.position) as lat from patrol_point p
        where p.id = ${request.params.id}
          and ${withinScope(principalOf(request).scope, { precinctId: sql`p.precinct_id`, stationId: sql`p.station_id` })}`)
      const row = rows[0]
      // Beyond one's scope and not existing look the same.
      if (row === undefined) throw new ProblemError('PATROL_POINT_UNKNOWN')
      return readPatrolPoint(row)
    },
  )

  // Names and seats of precincts and stations are public facts; every role may read them.
  app.get(
    '/api/v1/organisations',
    {
      config: { access: 'logged-in' },
      schema: { response: { 200: Type.Object({ organisations: Type.Array(Organisation) }) } },
    },
    async () => {
      const { rows } = await app.db.execute<
        Omit<Organisation, 'parentId' | 'precinctId' | 'nameEn'> & {
          parent_id: number | null
          precinct_id: number | null
          name_en: string
        } & Record<string, unknown>
      >(sql`
        select id, kind, parent_id, precinct_id, code, name, name_en, st_x(position) as lon, st_y(position) as lat
        from organisation where kind <> 'beat' order by code`)
      return {
        organisations: rows.map(({ parent_id, precinct_id, name_en, ...row }) => ({
          ...row,
          parentId: parent_id,
          precinctId: precinct_id,
          nameEn: name_en,
        })),
      }
    },
  )
}
