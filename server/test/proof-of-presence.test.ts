import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { makePoint, makeWindowRule, newUuidV7 } from '@patrol/db/factories'
import { rejudgeByTracks } from '../src/check-in/rejudge.ts'
import { materialiseWindows } from '../src/window/materialise-windows.ts'
import { useProofs } from './proof-world.ts'
import { makeDeviceKey, tapChip } from './secure-tag.ts'

const world = useProofs()
const { beat, colleague, enrol, scan, post, postOne, codes, onRecord, track } = world

test('of two visits that nobody can have made both, each is flagged, also the one that came first', async () => {
  const { cookie, code, place } = await beat()
  const far = await makePoint(world.city.db, place, { position: [120.5, 23] })
  const first = await postOne(cookie, scan({ kind: 'qr', code }, { minutesAgo: 4 }))
  expect(first.verdict).toBe('accepted')
  const at = new Date(Date.now() - 2 * 60_000).toISOString()
  const position = { lon: 120.5, lat: 23, accuracyMeters: 8, fixedAt: at }
  const second = await postOne(
    cookie,
    scan({ kind: 'qr', code: world.city.codeOf(far.tag) }, { minutesAgo: 2, position }),
  )
  for (const { id } of [first, second]) {
    expect(await onRecord(id)).toMatchObject({ verdict: 'needs-review', fulfils: 'when-confirmed' })
    expect(codes(await onRecord(id))).toEqual(['impossible-travel'])
  }
})

describe('device keys', () => {
  test('a signed check-in is accepted; a changed one is rejected; without a signature it is flagged', async () => {
    const { chip, cookie, officer } = await beat()
    const { sign } = await enrol(officer.id)
    const signed = sign(scan({ kind: 'sun', url: tapChip(chip, 1) }))
    expect(await postOne(cookie, signed)).toMatchObject({ verdict: 'accepted', reasons: [] })
    const changed = { ...sign(scan({ kind: 'sun', url: tapChip(chip, 2) })), position: null }
    expect(codes(await postOne(cookie, changed))).toContain('device-signature-wrong')
    const unsigned = await postOne(cookie, scan({ kind: 'sun', url: tapChip(chip, 3) }))
    expect(codes(unsigned)).toEqual(['device-not-enrolled'])
  })

  test('one that waits for its approval is as good as none; an unknown one is flagged', async () => {
    const { chip, cookie, officer } = await beat()
    const pending = await enrol(officer.id, { approvedAt: null })
    const first = pending.sign(scan({ kind: 'sun', url: tapChip(chip, 1) }))
    expect(codes(await postOne(cookie, first))).toEqual([])
    await enrol(officer.id)
    const second = pending.sign(scan({ kind: 'sun', url: tapChip(chip, 2) }))
    expect(codes(await postOne(cookie, second))).toEqual(['device-not-enrolled'])
    const stranger = makeDeviceKey().signAs(newUuidV7(), scan({ kind: 'sun', url: tapChip(chip, 3) }))
    expect(codes(await postOne(cookie, stranger))).toEqual(['device-not-enrolled'])
  })

  test('a revoked device is refused from its revocation on, judged by the time of the scan', async () => {
    const { chip, cookie, officer } = await beat()
    const { sign, device } = await enrol(officer.id)
    await world.city.db.execute(
      sql`update device set revoked_at = now() - interval '30 minutes' where id = ${device.id}`,
    )
    const [early, late] = await post(cookie, [
      sign(scan({ kind: 'sun', url: tapChip(chip, 1) }, { minutesAgo: 45 })),
      sign(scan({ kind: 'sun', url: tapChip(chip, 2) }, { minutesAgo: 15 })),
    ])
    expect(early).toMatchObject({ verdict: 'accepted' })
    expect(late?.reasons).toContainEqual({ code: 'device-revoked', severity: 'reject' })
  })

  test('a courier’s upload is the first officer’s and needs no review when the device has signed it', async () => {
    const { chip, officer, place } = await beat()
    const { sign } = await enrol(officer.id)
    const courier = await colleague(place)
    const checkIn = sign(scan({ kind: 'sun', url: tapChip(chip, 1) }, { officerId: officer.id }))
    expect(await postOne(courier.cookie, checkIn)).toMatchObject({ verdict: 'accepted', reasons: [] })
  })

  test('one device that signs for officers of two units within minutes is flagged', async () => {
    const here = await beat()
    const other = await colleague(here.place)
    const { sign } = await enrol(here.officer.id, { kind: 'm-police' })
    const first = sign(scan({ kind: 'sun', url: tapChip(here.chip, 1) }, { minutesAgo: 4 }))
    expect(await postOne(here.cookie, first)).toMatchObject({ verdict: 'accepted' })
    const second = sign(scan({ kind: 'sun', url: tapChip(here.chip, 2) }))
    expect(codes(await postOne(other.cookie, second))).toEqual(['device-shared'])
  })
})

describe('a static code from a phone that keeps a track', () => {
  test('waits for the track; once it has come, the visit counts and its window is settled', async () => {
    const { cookie, officer, unit, code, point } = await beat()
    await makeWindowRule(world.city.db, point.id, {
      startMinute: 0,
      durationMinutes: 1_440,
      graceSeconds: 86_400,
    })
    await materialiseWindows(world.city.db)
    const { sign } = await enrol(officer.id)
    const receipt = await postOne(cookie, sign(scan({ kind: 'qr', code }, { minutesAgo: 2 })))
    expect(receipt).toMatchObject({ verdict: 'needs-review', fulfils: 'when-confirmed' })
    expect(codes(receipt)).toEqual(['no-track'])
    await track(officer.id, unit.id, [
      [3, 120.2],
      [1, 120.2],
    ])
    await rejudgeByTracks(world.city.db, world.city.env)
    expect(await onRecord(receipt.id)).toMatchObject({ verdict: 'accepted', fulfils: 'yes', reasons: [] })
    const windows = await world.city.db.execute(sql`
      select 1 from patrol_window where patrol_point_id = ${point.id} and check_in_id = ${receipt.id}`)
    expect(windows.rows.length).toBeGreaterThan(0)
  })

  test('a fix that the track contradicts, or a track that leaps there, is implausible', async () => {
    const { cookie, officer, unit, code } = await beat()
    const { sign } = await enrol(officer.id)
    const away = await postOne(cookie, sign(scan({ kind: 'qr', code }, { minutesAgo: 30 })))
    await track(officer.id, unit.id, [
      [31, 120.3],
      [29, 120.3],
      [4, 120.3],
      [3.9, 120.2],
      [1, 120.2],
    ])
    await rejudgeByTracks(world.city.db, world.city.env)
    const stored = await onRecord(away.id)
    expect(codes(stored)).toContain('fix-implausible')
    expect(stored.fulfils).toBe('when-confirmed')
    const leapt = await postOne(cookie, sign(scan({ kind: 'qr', code }, { minutesAgo: 2 })))
    expect(codes(leapt)).toEqual(['fix-implausible'])
  })

  test('a person’s decision is not judged again', async () => {
    const { cookie, officer, unit, code } = await beat()
    const { sign } = await enrol(officer.id)
    const receipt = await postOne(cookie, sign(scan({ kind: 'qr', code }, { minutesAgo: 2 })))
    await world.city.db.execute(sql`
      update check_in set reviewed_by = ${officer.id}, reviewed_at = now(), verdict = 'rejected'
      where id = ${receipt.id}`)
    await track(officer.id, unit.id, [[2.5, 120.2]])
    await rejudgeByTracks(world.city.db, world.city.env)
    expect(await onRecord(receipt.id)).toMatchObject({ verdict: 'rejected' })
  })
})
