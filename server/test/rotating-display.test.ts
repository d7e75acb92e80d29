import { sql } from 'drizzle-orm'
import qrcode from 'qrcode'
import { describe, expect, test } from 'vitest'
import type { DisplayCodes, PairedDisplay, WallPairing } from '@patrol/contract'
import { makeOfficer } from '@patrol/db/factories'
import { writeRotatingCode } from '../src/check-in/proof/rotating-code.ts'
import { stepAt } from '../src/check-in/proof/totp.ts'
import { useProofs } from './proof-world.ts'

const world = useProofs()
const { beat, enrol, scan, postOne, codes } = world

describe('a display with a rotating code', () => {
  const call = (cookie: string, method: 'GET' | 'POST' | 'DELETE', url: string, payload: object = {}) =>
    world.city.app.inject({
      method,
      url: `/api/v1${url}`,
      headers: { cookie, 'x-requested-with': 'patrol' },
      ...(method === 'POST' ? { payload } : {}),
    })

  /** A display at a point of the place, and what its code was so many minutes ago. */
  async function hang(at: { place: { precinctId: number }; point: { id: number } }) {
    const chief = await makeOfficer(
      world.city.db,
      { ...at.place, stationId: null },
      { roles: ['duty-officer'] },
    )
    const { cookie: desk } = await world.city.logIn(chief.id)
    const asked = (await call('', 'POST', '/wall-displays')).json<WallPairing>()
    const approval = { code: asked.code, name: '門口螢幕', patrolPointId: at.point.id }
    const { displayId, claim } = asked
    const approve = (cookie: string) => call(cookie, 'POST', '/wall-displays/approval', approval)
    const take = async () => {
      const claimed = await call('', 'POST', '/wall-displays/claim', { displayId, claim })
      const { rows } = await world.city.db.execute<{ opaque_id: string }>(sql`
        select t.opaque_id from wall_display w join tag t on t.id = w.tag_id where w.id = ${displayId}`)
      const key = world.city.env.tagKeys.get(1)
      if (key === undefined) throw new Error('The test city has a key.')
      const codeAt = (minutesAgo: number) =>
        writeRotatingCode(
          BigInt(rows[0]?.opaque_id ?? 0),
          1,
          key,
          stepAt(new Date(Date.now() - minutesAgo * 60_000), 1),
        )
      const [session] = claimed.cookies
      return { cookie: `${session?.name}=${session?.value}`, codeAt }
    }
    return { desk, displayId, approve, take }
  }

  test('shows what counts now; a photograph of it later does not, and an offline scan is judged by its own time', async () => {
    const { place, point, cookie, officer } = await beat()
    const { sign } = await enrol(officer.id)
    const { approve, desk, take, displayId } = await hang({ place, point })
    expect((await approve((await hang(await beat())).desk)).json()).toMatchObject({ code: 'NOT_ALLOWED' })
    expect((await approve(desk)).statusCode).toBe(204)
    const display = await take()

    const [code] = [display.codeAt(0)]
    const shown = (await call(display.cookie, 'GET', '/display-codes')).json<DisplayCodes>().codes
    expect(shown).toHaveLength(4)
    const drawn = await qrcode.toString(`${world.city.env.publicOrigin}/c/${code}`, {
      type: 'svg',
      errorCorrectionLevel: 'M',
    })
    expect(shown.map(({ svg }) => svg)).toContain(drawn)
    // It sees nothing else of the city.
    expect((await call(display.cookie, 'GET', '/wall')).json()).toMatchObject({ code: 'NOT_ALLOWED' })
    expect((await call(cookie, 'GET', '/display-codes')).json()).toMatchObject({ code: 'NOT_ALLOWED' })

    const post = (text: string, minutesAgo = 0) =>
      postOne(cookie, sign(scan({ kind: 'qr', code: text }, { minutesAgo })))
    // Nobody keeps a photograph of it, so it needs no track as a printed one does.
    expect(await post(code)).toMatchObject({ verdict: 'accepted', fulfils: 'yes', reasons: [] })
    expect(await post(display.codeAt(4), 4)).toMatchObject({ verdict: 'accepted', reasons: [] })
    for (const stale of [display.codeAt(2), code.slice(0, 27)]) {
      const receipt = await post(stale)
      expect(receipt).toMatchObject({ verdict: 'needs-review', fulfils: 'when-confirmed' })
      expect(codes(receipt)).toContain('code-expired')
    }
    const forged = code.slice(0, -1) + ((Number(code.at(-1)) + 1) % 10)
    expect(await post(forged)).toMatchObject({ verdict: 'rejected', reasons: [{ code: 'signature-wrong' }] })

    const list = (await call(desk, 'GET', '/wall-displays')).json<{ displays: PairedDisplay[] }>()
    expect(list.displays).toMatchObject([
      { id: displayId, name: '門口螢幕', place: point.name, atPoint: true },
    ])
    expect(
      (await call((await hang(await beat())).desk, 'DELETE', `/wall-displays/${displayId}`)).statusCode,
    ).toBe(404)
    expect((await call(desk, 'DELETE', `/wall-displays/${displayId}`)).statusCode).toBe(204)
    expect((await call(display.cookie, 'GET', '/display-codes')).statusCode).toBe(403)
    expect(await post(display.codeAt(0))).toMatchObject({ verdict: 'rejected' })
    expect(await post(display.codeAt(4), 4)).toMatchObject({ verdict: 'accepted' })
  })
})
