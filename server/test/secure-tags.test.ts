import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { useProofs } from './proof-world.ts'
import { tapChip } from './secure-tag.ts'

const world = useProofs()
const { beat, colleague, scan, noBeacon, post, postOne, codes, onRecord } = world

describe('secure tags', () => {
  test('a tap is accepted, also without a fix', async () => {
    const { cookie, chip } = await beat()
    const receipt = await postOne(cookie, scan({ kind: 'sun', url: tapChip(chip, 1) }, { position: null }))
    expect(receipt).toMatchObject({ verdict: 'accepted', fulfils: 'yes' })
    expect(receipt.reasons).toEqual([{ code: 'no-fix', severity: 'note' }])
  })

  test('one digit changed anywhere in the URL is a forgery', async () => {
    const { cookie, chip } = await beat()
    const url = tapChip(chip, 1)
    const last = url.endsWith('0') ? '1' : '0'
    for (const forged of [url.slice(0, -1) + last, url.replace('/c/', '/c/X')]) {
      const receipt = await postOne(cookie, scan({ kind: 'sun', url: forged }))
      expect(receipt).toMatchObject({ verdict: 'rejected', fulfils: 'no' })
      expect(codes(receipt)).toEqual(['mac-mismatch'])
    }
    expect(codes(await postOne(cookie, scan({ kind: 'sun', url: 'https://patrol.example/' })))).toEqual([
      'malformed-proof',
    ])
  })

  test('a tap sent again under another id is rejected; the first stays accepted', async () => {
    const { cookie, chip, place } = await beat()
    const url = tapChip(chip, 5)
    const first = await postOne(cookie, scan({ kind: 'sun', url }))
    const other = await colleague(place)
    const replay = await postOne(other.cookie, scan({ kind: 'sun', url }))
    expect(codes(replay)).toEqual(['counter-reused'])
    expect(replay.verdict).toBe('rejected')
    expect(await onRecord(first.id)).toMatchObject({ verdict: 'accepted' })
  })

  test('of two taps with the same counter at the same moment one passes', async () => {
    const { chip, place } = await beat()
    const url = tapChip(chip, 5)
    const officers = await Promise.all(Array.from({ length: 6 }, () => colleague(place)))
    const receipts = await Promise.all(
      officers.map(({ cookie }) => postOne(cookie, scan({ kind: 'sun', url }))),
    )
    expect(receipts.map((receipt) => receipt.verdict).sort()).toEqual([
      'accepted',
      ...Array.from({ length: 5 }, () => 'rejected'),
    ])
  })

  test.each([true, false])('harvested taps betray themselves (honest one first: %s)', async (honestFirst) => {
    const { chip, place, cookie, point } = await beat()
    const other = await colleague(place)
    const harvested = scan({ kind: 'sun', url: tapChip(chip, 7) }, { minutesAgo: 10 })
    const honest = scan({ kind: 'sun', url: tapChip(chip, 8) }, { minutesAgo: 60 })
    const sends = [() => postOne(cookie, harvested), () => postOne(other.cookie, honest)]
    for (const send of honestFirst ? sends.toReversed() : sends) await send()
    expect(await onRecord(honest.id)).toMatchObject({ verdict: 'accepted', fulfils: 'yes' })
    const stored = await onRecord(harvested.id)
    expect(stored).toMatchObject({ verdict: 'needs-review', fulfils: 'when-confirmed' })
    expect(codes(stored)).toContain('counter-time-order')
    const alerts = await world.city.db.execute(
      sql`select kind from alert where (subject->>'pointId')::int = ${point.id}`,
    )
    expect(alerts.rows).toEqual([{ kind: 'harvested-tag' }])
  })

  test('an old claim without a beacon is bounded by taps of colleagues on both sides, whenever they come', async () => {
    const { chip, place, cookie } = await beat()
    const other = await colleague(place)
    const at = new Date(Date.now() - 3_600_000)
    const unbounded = scan({ kind: 'sun', url: tapChip(chip, 3) }, { minutesAgo: 60, clock: noBeacon(at) })
    expect(codes(await postOne(cookie, unbounded))).toContain('clock-unbounded')
    await postOne(other.cookie, scan({ kind: 'sun', url: tapChip(chip, 2) }, { minutesAgo: 64 }))
    await postOne(other.cookie, scan({ kind: 'sun', url: tapChip(chip, 4) }, { minutesAgo: 57 }))
    expect(await onRecord(unbounded.id)).toMatchObject({ verdict: 'accepted', fulfils: 'yes' })
  })

  test('a tag that is not in use yet, or is revoked, is refused; scans before its revocation are not', async () => {
    const { chip, cookie, tag } = await beat()
    await world.city.db.execute(sql`update tag set activated_at = null where id = ${tag.id}`)
    expect(codes(await postOne(cookie, scan({ kind: 'sun', url: tapChip(chip, 1) })))).toEqual([
      'tag-unknown',
    ])
    await world.city.db.execute(sql`
      update tag set activated_at = now(), revoked_at = now() - interval '30 minutes' where id = ${tag.id}`)
    const [early, late] = await post(cookie, [
      scan({ kind: 'sun', url: tapChip(chip, 2) }, { minutesAgo: 45 }),
      scan({ kind: 'sun', url: tapChip(chip, 3) }, { minutesAgo: 15 }),
    ])
    expect([early?.verdict, late?.verdict]).toEqual(['accepted', 'rejected'])
  })

  test('a plain read of a tag is flagged, however its number is written; its URL must be of the same tag', async () => {
    const { chip, cookie, tag } = await beat()
    const uid = (tag.uid ?? '').toLowerCase().replace(/(..)(?=.)/g, '$1:')
    const receipt = await postOne(cookie, scan({ kind: 'uid', uid }))
    expect(receipt).toMatchObject({ verdict: 'needs-review', fulfils: 'when-confirmed' })
    expect(codes(receipt)).toEqual(['uid-only'])
    const asLabel = await postOne(cookie, scan({ kind: 'qr', code: chip.code }))
    expect(codes(asLabel)).toEqual(['uid-only'])
    const elsewhere = await beat()
    const ndefUrl = `https://patrol.example/c/${elsewhere.chip.code}`
    expect(codes(await postOne(cookie, scan({ kind: 'uid', uid, ndefUrl })))).toEqual(['tag-unknown'])
    expect(codes(await postOne(cookie, scan({ kind: 'uid', uid: 'nonsense' })))).toEqual(['malformed-proof'])
  })
})
