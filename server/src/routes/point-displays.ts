import qrcode from 'qrcode'
import { sql } from 'drizzle-orm'
import { DisplayCodes } from '@patrol/contract'
import { writeRotatingCode } from '../check-in/proof/rotating-code.ts'
import { stepAt, stepSeconds } from '../check-in/proof/totp.ts'
import { principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import type { App } from '../app.ts'

/** The code of now and those of the next minute and a half: as long a display may be cut off. */
const steps = 4

/** A display at a patrol point asks for the codes that it shows. The secret they are made of stays here. */
export async function pointDisplayRoutes(app: App) {
  app.get(
    '/api/v1/display-codes',
    { config: { access: 'logged-in' }, schema: { response: { 200: DisplayCodes } } },
    async (request, reply): Promise<DisplayCodes> => {
      reply.header('cache-control', 'no-store')
      const { rows } = await app.db.execute<{ opaque_id: string; key_version: number }>(sql`
        select t.opaque_id, t.key_version from wall_display w join tag t on t.id = w.tag_id
          join patrol_point p on p.id = t.patrol_point_id
        where w.id = ${principalOf(request).wallDisplayId} and t.revoked_at is null and p.retired_at is null`)
      const [tag] = rows
      const key = tag && app.env.tagKeys.get(tag.key_version)
      if (tag === undefined || key === undefined) throw new ProblemError('NOT_ALLOWED')
      const now = app.clock.now()
      const first = stepAt(now, app.clock.speed)
      // The city's clock may run faster than the wall's.
      const sinceMs = now.getTime() / app.clock.speed - first * stepSeconds * 1_000
      const codes = Array.from({ length: steps }, async (_, ahead) => {
        const code = writeRotatingCode(BigInt(tag.opaque_id), tag.key_version, key, first + ahead)
        const startsInMs = Math.round(ahead * stepSeconds * 1_000 - sinceMs)
        return {
          svg: await qrcode.toString(`${app.env.publicOrigin}/c/${code}`, {
            type: 'svg',
            errorCorrectionLevel: 'M',
          }),
          startsInMs,
          endsInMs: startsInMs + stepSeconds * 1_000,
        }
      })
      return { codes: await Promise.all(codes) }
    },
  )
}
