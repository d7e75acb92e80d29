import type { FastifyRequest } from 'fastify'
import Type, { type Static } from 'typebox'
import { sql } from 'drizzle-orm'
import {
  Day,
  Instant,
  type PlaybackScene,
  type PlaybackSpan,
  type PlaybackTicks,
  type UnitGaps,
  type UnitTrack,
} from '@patrol/contract'
import { readScene } from '../playback/read-scene.ts'
import { readSpan, readTicks } from '../playback/read-span.ts'
import { readUnitGaps } from '../playback/read-unit-gaps.ts'
import { readUnitTrack } from '../playback/read-unit-track.ts'
import { writeSceneGeoJson } from '../playback/write-scene-geojson.ts'
import { writeTrackGpx } from '../playback/write-track-gpx.ts'
import { officerOf, principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import { trackDays } from '../jobs/housekeeping.ts'
import type { App } from '../app.ts'

const access = ['operator', 'duty-officer', 'supervisor', 'administrator'] as const
const minuteMs = 60_000
const dayMs = 86_400_000
const spanMs = 30 * minuteMs

/** The first day of Asia/Taipei whose tracks are all there yet: they are dropped by days of UTC, and it has part of two. */
const earliestDay = (now: Date) =>
  new Date(now.getTime() - (trackDays - 1) * dayMs).toISOString().slice(0, 10)

/** `20261122T141005Z`: an instant that any file system takes. */
const fileStamp = (at: Date) => at.toISOString().replace(/[-:]|\.\d+/g, '')

const Span = Type.Object({ from: Instant, to: Instant })

/** The time machine (回放): the city at any second, as far back as tracks are kept. Every look is on record. */
export async function playbackRoutes(app: App) {
  app.get(
    '/api/v1/playback/scene',
    { config: { access }, schema: { querystring: Type.Object({ at: Instant }) } },
    async (request, reply): Promise<PlaybackScene> => {
      reply.header('cache-control', 'no-store')
      const { scope } = principalOf(request)
      const at = readPast('at', request.query.at)
      await recordLook(request, 'playback:viewed', at)
      return readScene(app.db, scope, at)
    },
  )

  app.get(
    '/api/v1/playback/scene.geojson',
    { config: { access }, schema: { querystring: Type.Object({ at: Instant }) } },
    async (request, reply) => {
      const at = readPast('at', request.query.at)
      await recordLook(request, 'playback:exported', at)
      const scene = await readScene(app.db, principalOf(request).scope, at)
      reply.header('content-disposition', `attachment; filename="scene-${fileStamp(at)}.geojson"`)
      reply.type('application/geo+json').header('cache-control', 'no-store')
      return writeSceneGeoJson(scene)
    },
  )

  /** The picture itself is made by the screen; that it was taken away is on record. */
  app.post(
    '/api/v1/playback/images',
    { config: { access }, schema: { body: Type.Object({ at: Instant }) } },
    async (request, reply) => {
      await recordLook(request, 'playback:exported', readPast('at', request.body.at))
      return reply.code(204).send()
    },
  )

  app.get(
    '/api/v1/playback/span',
    { config: { access }, schema: { querystring: Span } },
    async (request, reply): Promise<PlaybackSpan> => {
      reply.header('cache-control', 'no-store')
      const { from, to } = readSpanOf(request.query, spanMs)
      return readSpan(app.db, principalOf(request).scope, from, to)
    },
  )

  app.get(
    '/api/v1/playback/ticks',
    { config: { access }, schema: { querystring: Type.Object({ on: Day }) } },
    async (request, reply): Promise<PlaybackTicks> => {
      reply.header('cache-control', 'no-store')
      const { on } = request.query
      return {
        on,
        earliestOn: earliestDay(app.clock.now()),
        ticks: await readTicks(app.db, principalOf(request).scope, on),
      }
    },
  )

  app.get(
    '/api/v1/playback/units/:id/track',
    { config: { access }, schema: { params: Type.Object({ id: Type.Integer() }), querystring: Span } },
    async (request, reply): Promise<UnitTrack> => {
      reply.header('cache-control', 'no-store')
      const look = { unitId: request.params.id, officerId: officerOf(request).id }
      return readUnitTrack(app.db, principalOf(request).scope, {
        ...look,
        ...readSpanOf(request.query, dayMs),
      })
    },
  )

  app.get(
    '/api/v1/playback/units/:id/gaps',
    {
      config: { access },
      schema: { params: Type.Object({ id: Type.Integer() }), querystring: Type.Object({ on: Day }) },
    },
    async (request, reply): Promise<UnitGaps> => {
      reply.header('cache-control', 'no-store')
      const now = app.clock.now()
      // A track that was dropped is no gap.
      if (request.query.on < earliestDay(now)) {
        const message = `Tracks are kept whole since ${earliestDay(now)}.`
        throw new ProblemError('INVALID_INPUT', { field: 'on', message })
      }
      const look = { unitId: request.params.id, officerId: officerOf(request).id, now }
      return readUnitGaps(app.db, principalOf(request).scope, { ...look, on: request.query.on })
    },
  )

  app.get(
    '/api/v1/playback/units/:id/track.gpx',
    { config: { access }, schema: { params: Type.Object({ id: Type.Integer() }), querystring: Span } },
    async (request, reply) => {
      const span = readSpanOf(request.query, dayMs)
      const look = { unitId: request.params.id, officerId: officerOf(request).id, ...span }
      const track = await readUnitTrack(app.db, principalOf(request).scope, look)
      reply.header(
        'content-disposition',
        `attachment; filename="track-${track.unitId}-${fileStamp(span.to)}.gpx"`,
      )
      reply.type('application/gpx+xml').header('cache-control', 'no-store')
      return writeTrackGpx(track)
    },
  )

  async function recordLook(request: FastifyRequest, action: string, at: Date) {
    await app.db.execute(sql`
      insert into audit (officer_id, action, subject)
      values (${officerOf(request).id}, ${action}, ${`at:${at.toISOString()}`})`)
  }

  /** @throws INVALID_INPUT for an instant that has not come, or whose tracks are no longer kept */
  function readPast(field: string, text: string): Date {
    const at = new Date(text)
    const age = app.clock.now().getTime() - at.getTime()
    // A screen's clock may be a little ahead of ours.
    if (age < -5_000)
      throw new ProblemError('INVALID_INPUT', { field, message: 'This instant has not come yet.' })
    if (age > trackDays * dayMs) {
      throw new ProblemError('INVALID_INPUT', { field, message: `Tracks are kept for ${trackDays} days.` })
    }
    return at
  }

  function readSpanOf(query: Static<typeof Span>, longestMs: number): { from: Date; to: Date } {
    const from = readPast('from', query.from)
    const to = new Date(query.to)
    const length = to.getTime() - from.getTime()
    if (length < 0 || length > longestMs) {
      const message = `A span is from 0 to ${longestMs / minuteMs} minutes long.`
      throw new ProblemError('INVALID_INPUT', { field: 'to', message })
    }
    return { from, to }
  }
}
