import Type, { type Static } from 'typebox'
import { sql } from 'drizzle-orm'
import {
  Day,
  Instant,
  type PlaybackScene,
  type PlaybackSpan,
  type PlaybackTicks,
  type UnitTrack,
} from '@patrol/contract'
import { readScene, taipeiDay } from '../playback/read-scene.ts'
import { readSpan, readTicks } from '../playback/read-span.ts'
import { readUnitTrack } from '../playback/read-unit-track.ts'
import { officerOf, principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import { trackDays } from '../jobs/housekeeping.ts'
import type { App } from '../app.ts'

const access = ['operator', 'duty-officer', 'supervisor', 'administrator'] as const
const minuteMs = 60_000
const dayMs = 86_400_000
const spanMs = 30 * minuteMs

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
      await app.db.execute(sql`
        insert into audit (officer_id, action, subject)
        values (${officerOf(request).id}, 'playback:viewed', ${`at:${at.toISOString()}`})`)
      return readScene(app.db, scope, at)
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
      const earliestOn = taipeiDay(new Date(app.clock.now().getTime() - trackDays * dayMs))
      return { on, earliestOn, ticks: await readTicks(app.db, principalOf(request).scope, on) }
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

  /** @throws INVALID_INPUT for an instant that has not come, or whose tracks are no longer kept */
  function readPast(field: string, text: string): Date {
    const at = new Date(text)
    const age = app.clock.now().getTime() - at.getTime()
    if (age < 0) throw new ProblemError('INVALID_INPUT', { field, message: 'This instant has not come yet.' })
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
