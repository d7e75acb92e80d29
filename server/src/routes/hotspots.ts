import Type from 'typebox'
import { sql } from 'drizzle-orm'
import { cellToBoundary } from 'h3-js'
import {
  Heat,
  HotspotDosage,
  HotspotDosageOrder,
  HotspotFacts,
  HotspotForecast,
  HotspotMap,
  IncidentSource,
} from '@patrol/contract'
import { inTransaction } from '@patrol/db'
import { listDosages } from '../hotspot/list-dosages.ts'
import { endDosage, orderDosage } from '../hotspot/order-dosage.ts'
import { readHeat } from '../hotspot/read-heat.ts'
import { readHotspotFacts } from '../hotspot/read-facts.ts'
import { readHotspotForecast } from '../hotspot/read-forecast.ts'
import { readHotspotMap } from '../hotspot/read-map.ts'
import { officerOf, principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import type { App } from '../app.ts'

const watching = ['operator', 'duty-officer', 'supervisor', 'administrator'] as const
const deciding = ['duty-officer', 'supervisor', 'administrator'] as const

/** Numbers separated by commas. */
const Ids = Type.String({ pattern: '^[0-9]{1,9}(,[0-9]{1,9})*$', maxLength: 400 })
const readIds = (text: string | undefined) => text?.split(',').map(Number)

/** Hotspots: what can be asked, the maps that jobs computed, forecasts with their track record, and visits asked for. */
export async function hotspotRoutes(app: App) {
  app.get(
    '/api/v1/hotspot-facts',
    { config: { access: watching }, schema: { response: { 200: HotspotFacts } } },
    () => readHotspotFacts(app.db),
  )

  // A wall shows it too: cells of three cases or more, and no case.
  app.get(
    '/api/v1/heat',
    { config: { access: [...watching, 'wall-display'] }, schema: { response: { 200: Heat } } },
    async (request, reply) => {
      reply.header('cache-control', 'private, max-age=300')
      return readHeat(app.db, principalOf(request).scope)
    },
  )

  const map = async (id: number, request: Parameters<typeof principalOf>[0], precinctIds?: number[]) => {
    const found = await readHotspotMap(app.db, id, { scope: principalOf(request).scope, precinctIds })
    if (found === null) throw new ProblemError('NOT_FOUND')
    return found
  }
  const mapSchema = {
    params: Type.Object({ id: Type.Integer() }),
    querystring: Type.Object({ precincts: Type.Optional(Ids) }),
  }

  app.get(
    '/api/v1/hotspot-maps/:id',
    { config: { access: watching }, schema: { ...mapSchema, response: { 200: HotspotMap } } },
    (request) => map(request.params.id, request, readIds(request.query.precincts)),
  )

  app.get(
    '/api/v1/hotspot-maps/:id/geojson',
    { config: { access: watching }, schema: mapSchema },
    async (request, reply) => {
      const { cells, ...facts } = await map(request.params.id, request, readIds(request.query.precincts))
      await app.db.execute(sql`
        insert into audit (officer_id, action, subject, details)
        values (${officerOf(request).id}, 'hotspots:exported', ${`hotspot-map:${facts.id}`},
          ${JSON.stringify({ cells: cells.length })}::jsonb)`)
      reply.type('application/geo+json').header('cache-control', 'no-store')
      reply.header(
        'content-disposition',
        `attachment; filename="hotspots-${facts.source}-${facts.from}-${facts.to}.geojson"`,
      )
      return {
        type: 'FeatureCollection',
        // What holds for all cells goes with the file: a map without its data's age is not to be trusted.
        properties: facts,
        features: cells.map(({ cell, ...properties }) => ({
          type: 'Feature',
          id: cell,
          geometry: { type: 'Polygon', coordinates: [cellToBoundary(cell, true)] },
          properties,
        })),
      }
    },
  )

  app.get(
    '/api/v1/hotspot-forecasts',
    {
      config: { access: watching },
      schema: {
        querystring: Type.Object({
          source: IncidentSource,
          category: Type.Optional(
            Type.Union([
              Type.String({ maxLength: 100 }),
              Type.Array(Type.String({ maxLength: 100 }), { maxItems: 50 }),
            ]),
          ),
        }),
        response: { 200: Type.Object({ forecast: Type.Union([HotspotForecast, Type.Null()]) }) },
      },
    },
    async (request) => {
      const { source, category = [] } = request.query
      const categories = typeof category === 'string' ? [category] : category
      const { scope } = principalOf(request)
      return { forecast: await readHotspotForecast(app.db, { source, categories, scope }) }
    },
  )

  app.get('/api/v1/precinct-outlines', { config: { access: 'logged-in' } }, async () => {
    const { rows } = await app.db.execute<{ id: number; outline: string }>(sql`
        select id, st_asgeojson(st_simplifypreservetopology(area, 0.0008), 5) as outline
        from organisation where kind = 'precinct' and area is not null order by id`)
    return {
      outlines: rows.map(({ id, outline }) => ({ precinctId: id, outline: JSON.parse(outline) as object })),
    }
  })

  app.get(
    '/api/v1/hotspot-dosages',
    {
      config: { access: watching },
      schema: { response: { 200: Type.Object({ dosages: Type.Array(HotspotDosage) }) } },
    },
    async (request) => ({
      dosages: await listDosages(app.db, { scope: principalOf(request).scope, now: app.clock.now() }),
    }),
  )

  app.post(
    '/api/v1/hotspot-dosages',
    { config: { access: deciding }, schema: { body: HotspotDosageOrder, response: { 201: HotspotDosage } } },
    async (request, reply) => {
      const { scope } = principalOf(request)
      const made = await inTransaction(app.db, async (tx) => {
        const id = await orderDosage(tx, request.body, { scope, officerId: officerOf(request).id })
        return listDosages(tx, { scope, now: app.clock.now(), only: sql`d.id = ${id}` })
      })
      const dosage = made[0]
      if (dosage === undefined) throw new ProblemError('NOT_FOUND')
      return reply.code(201).send(dosage)
    },
  )

  app.post(
    '/api/v1/hotspot-dosages/:id/end',
    { config: { access: deciding }, schema: { params: Type.Object({ id: Type.Integer() }) } },
    async (request, reply) => {
      const { scope } = principalOf(request)
      await inTransaction(app.db, (tx) =>
        endDosage(tx, request.params.id, { scope, officerId: officerOf(request).id }),
      )
      return reply.code(204).send()
    },
  )
}
