import { describe, expect, test } from 'vitest'
import { sql } from 'drizzle-orm'
import { makeOfficer, makePoint } from '@patrol/db/factories'
import { signBeacon } from '../src/check-in/beacon.ts'
import { readableCode, signQr } from '../src/check-in/proof/signed-qr.ts'
import { useCheckIns } from './check-in-world.ts'

const world = useCheckIns()
const { beat, serverTime, scan, post, postOne, codes } = world

describe('verdicts', () => {
  test('a code signed with another key is rejected and stored', async () => {
    const { cookie, tag } = await beat()
    const forged = signQr(tag.opaqueId, 1, Buffer.alloc(32, 7))
    const receipt = await postOne(cookie, await scan(forged))
    expect(receipt).toMatchObject({ stored: true, verdict: 'rejected', fulfils: 'no', point: null })
    expect(codes(receipt)).toEqual(['signature-wrong'])
  })

  test('a code that is none is rejected as malformed', async () => {
    const { cookie } = await beat()
    expect(codes(await postOne(cookie, await scan('hello')))).toEqual(['malformed-proof'])
  })

  test('a well-signed tag that no register knows is rejected', async () => {
    const { cookie } = await beat()
    const receipt = await postOne(cookie, await scan(world.city.codeOf({ opaqueId: 42n, keyVersion: 1 })))
    expect(codes(receipt)).toEqual(['tag-unknown'])
  })

  test('a revoked tag is rejected', async () => {
    const { cookie, code, tag } = await beat()
    await world.city.db.execute(sql`update tag set revoked_at = now() where id = ${tag.id}`)
    expect(codes(await postOne(cookie, await scan(code)))).toEqual(['tag-revoked'])
  })

  test('a typed code finds its point and waits for review', async () => {
    const { cookie, tag, point } = await beat()
    const typed = readableCode(tag.opaqueId).toLowerCase()
    const receipt = await postOne(cookie, await scan('', { proof: { kind: 'typed', code: typed } }))
    expect(receipt).toMatchObject({
      verdict: 'needs-review',
      fulfils: 'when-confirmed',
      point: { id: point.id },
    })
    expect(codes(receipt)).toEqual(['typed-code'])
  })

  test('a copied code from 3 km away is flagged and fulfils only when confirmed', async () => {
    const { cookie, code } = await beat()
    const { now } = await serverTime()
    const receipt = await postOne(
      cookie,
      await scan(code, { position: { lon: 120.23, lat: 23, accuracyMeters: 8, fixedAt: now } }),
    )
    expect(receipt).toMatchObject({ verdict: 'needs-review', fulfils: 'when-confirmed' })
    expect(codes(receipt)).toEqual(['far-from-place'])
  })

  test('a device clock turned back is seen by the monotonic clock, and the true time counts', async () => {
    const { cookie, code } = await beat()
    const turned = new Date(Date.now() - 3 * 3_600_000).toISOString()
    const receipt = await postOne(cookie, await scan(code, { checkedInAt: turned, position: null }))
    expect(codes(receipt)).toContain('clock-skew')
    expect(receipt.fulfils).toBe('when-confirmed')
    expect(Math.abs(Date.parse(receipt.checkedInAt) - Date.now())).toBeLessThan(60_000)
  })

  test('an hour offline with an unbroken clock keeps its claimed time, with a note', async () => {
    const { cookie, code } = await beat()
    const checkedInAt = new Date(Date.now() - 1_800_000).toISOString()
    // A beacon of half an hour ago, then the scan at once after it.
    const old = signBeacon(new Date(Date.now() - 1_801_000), world.city.env.serverKey)
    const receipt = await postOne(
      cookie,
      await scan(code, {
        checkedInAt,
        clock: { deviceAt: checkedInAt, monotonicMs: 2_000, beacon: { token: old, monotonicMs: 1_000 } },
        position: { lon: 120.2, lat: 23, accuracyMeters: 8, fixedAt: checkedInAt },
      }),
    )
    expect(receipt).toMatchObject({ verdict: 'accepted', fulfils: 'yes', checkedInAt })
    expect(codes(receipt)).toEqual(['late-upload'])
  })

  test('an old claim without any bound counts from its receipt, and only when confirmed', async () => {
    const { cookie, code } = await beat()
    const checkedInAt = new Date(Date.now() - 1_800_000).toISOString()
    const receipt = await postOne(
      cookie,
      await scan(code, {
        checkedInAt,
        clock: { deviceAt: checkedInAt, monotonicMs: 5, beacon: null },
        position: { lon: 120.2, lat: 23, accuracyMeters: 8, fixedAt: checkedInAt },
      }),
    )
    expect(codes(receipt)).toEqual(['clock-unbounded'])
    expect(receipt.fulfils).toBe('when-confirmed')
  })

  test('two points 30 km apart within a minute are impossible travel, also in one batch', async () => {
    const { cookie, code, place } = await beat()
    const far = await makePoint(world.city.db, place, { position: [120.5, 23] })
    const first = await scan(code)
    const second = await scan(world.city.codeOf(far.tag), {
      position: { lon: 120.5, lat: 23, accuracyMeters: 8, fixedAt: first.checkedInAt },
    })
    const response = await post(cookie, { checkIns: [first, second] })
    expect(response.json().results).toMatchObject([
      { verdict: 'accepted' },
      { verdict: 'needs-review', reasons: [{ code: 'impossible-travel' }] },
    ])
  })

  test('off the roster is flagged; another precinct is flagged; another station is noted', async () => {
    const here = await beat()
    const elsewhere = await beat()
    const idle = await makeOfficer(world.city.db, here.place)
    const { cookie } = await world.city.logIn(idle.id)
    expect(codes(await postOne(cookie, await scan(here.code)))).toEqual(['off-roster'])
    expect(codes(await postOne(here.cookie, await scan(elsewhere.code)))).toEqual(['other-precinct'])
  })

  test('a check-in brought by another log-in is the first officer’s, flagged until a device key vouches', async () => {
    const here = await beat()
    const courier = await beat()
    const receipt = await postOne(courier.cookie, await scan(here.code, { officerId: here.officer.id }))
    expect(codes(receipt)).toEqual(['device-shared'])
    const stored = await world.city.db.execute(sql`select officer_id from check_in where id = ${receipt.id}`)
    expect(stored.rows).toEqual([{ officer_id: here.officer.id }])
  })
})
