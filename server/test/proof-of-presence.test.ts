import { sql } from 'drizzle-orm'
import qrcode from 'qrcode'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type {
  CheckIn,
  CheckInAnswers,
  CheckInReceipt,
  DisplayCodes,
  PairedDisplay,
  WallPairing,
} from '@patrol/contract'
import {
  makeDevice,
  makeOfficer,
  makePoint,
  makePrecinct,
  makeSecureTag,
  makeUnit,
  makeWindowRule,
  newUuidV7,
} from '@patrol/db/factories'
import { signBeacon } from '../src/check-in/beacon.ts'
import { writeRotatingCode } from '../src/check-in/proof/rotating-code.ts'
import { stepAt } from '../src/check-in/proof/totp.ts'
import { rejudgeByTracks } from '../src/check-in/rejudge.ts'
import { materialiseWindows } from '../src/window/materialise-windows.ts'
import { startTestCity, type TestCity } from './build-app.ts'
import { makeDeviceKey, programChip, tapChip } from './secure-tag.ts'

let city: TestCity
beforeAll(async () => {
  city = await startTestCity()
})
afterAll(() => city.stop())

/** A point with a label and a secure tag, and an officer on duty there. */
async function beat() {
  const place = await makePrecinct(city.db)
  const { point, tag: label } = await makePoint(city.db, place)
  const tag = await makeSecureTag(city.db, point.id)
  const { nfcMasterKey } = city.env
  if (nfcMasterKey === null) throw new Error('The test city has a master key.')
  const chip = programChip(nfcMasterKey, tag.uid ?? '', city.codeOf(tag))
  return { place, point, label, tag, chip, code: city.codeOf(label), ...(await colleague(place)) }
}

/** Another officer on duty in a unit of their own. */
async function colleague(place: { precinctId: number; stationId: number }) {
  const officer = await makeOfficer(city.db, place)
  const shift = { startsAt: new Date(Date.now() - 20 * 3_600_000) }
  const { unit } = await makeUnit(city.db, place, [officer.id], shift)
  const { cookie } = await city.logIn(officer.id)
  return { officer, unit, cookie }
}

async function enrol(officerId: number, options: Parameters<typeof makeDevice>[3] = {}) {
  const key = makeDeviceKey()
  const approvedAt = new Date(Date.now() - 20 * 3_600_000)
  const device = await makeDevice(city.db, officerId, key.publicKey, { approvedAt, ...options })
  return { device, sign: (checkIn: CheckIn) => key.signAs(device.id, checkIn) }
}

/** A scan so many minutes ago, its time measured by an unbroken clock since a beacon. */
function scan(proof: CheckIn['proof'], over: Partial<CheckIn> & { minutesAgo?: number } = {}): CheckIn {
  const { minutesAgo = 0, ...rest } = over
  const at = new Date(Date.now() - minutesAgo * 60_000)
  const token = signBeacon(new Date(at.getTime() - 1_000), city.env.serverKey)
  return {
    id: newUuidV7(),
    act: 'check-in',
    role: 'patrol',
    proof,
    checkedInAt: at.toISOString(),
    clock: { deviceAt: at.toISOString(), monotonicMs: 2_000, beacon: { token, monotonicMs: 1_000 } },
    position: { lon: 120.2, lat: 23, accuracyMeters: 8, fixedAt: at.toISOString() },
    ...rest,
  }
}

const noBeacon = (at: Date) => ({ deviceAt: at.toISOString(), monotonicMs: 1, beacon: null })

async function post(cookie: string, checkIns: CheckIn[]): Promise<CheckInReceipt[]> {
  const response = await city.app.inject({
    method: 'POST',
    url: '/api/v1/check-ins',
    headers: { cookie, 'x-requested-with': 'patrol' },
    payload: { checkIns },
  })
  return response.json<CheckInAnswers>().results.map((result) => {
    if (!('stored' in result)) throw new Error(`Not stored: ${response.body}`)
    return result
  })
}

async function postOne(cookie: string, checkIn: CheckIn): Promise<CheckInReceipt> {
  const [receipt] = await post(cookie, [checkIn])
  if (receipt === undefined) throw new Error('No answer.')
  return receipt
}

const codes = (receipt: Pick<CheckInReceipt, 'reasons'>) => receipt.reasons.map((reason) => reason.code)

async function onRecord(id: string) {
  const { rows } = await city.db.execute<Pick<CheckInReceipt, 'verdict' | 'fulfils' | 'reasons'>>(
    sql`select verdict, fulfils, reasons from check_in where id = ${id}`,
  )
  const row = rows[0]
  if (row === undefined) throw new Error('Not on record.')
  return row
}

async function track(officerId: number, unitId: number, points: [minutesAgo: number, lon: number][]) {
  for (const [minutesAgo, lon] of points) {
    const at = new Date(Date.now() - minutesAgo * 60_000).toISOString()
    await city.db.execute(sql`select ensure_breadcrumb_partition(${at.slice(0, 10)}::date)`)
    await city.db.execute(sql`
      insert into breadcrumb (officer_id, recorded_at, unit_id, received_at, lon, lat, accuracy_meters)
      values (${officerId}, ${at}, ${unitId}, clock_timestamp(), ${lon}, 23, 10)`)
  }
}

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
    const alerts = await city.db.execute(
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
    await city.db.execute(sql`update tag set activated_at = null where id = ${tag.id}`)
    expect(codes(await postOne(cookie, scan({ kind: 'sun', url: tapChip(chip, 1) })))).toEqual([
      'tag-unknown',
    ])
    await city.db.execute(sql`
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

test('of two visits that nobody can have made both, each is flagged, also the one that came first', async () => {
  const { cookie, code, place } = await beat()
  const far = await makePoint(city.db, place, { position: [120.5, 23] })
  const first = await postOne(cookie, scan({ kind: 'qr', code }, { minutesAgo: 4 }))
  expect(first.verdict).toBe('accepted')
  const at = new Date(Date.now() - 2 * 60_000).toISOString()
  const position = { lon: 120.5, lat: 23, accuracyMeters: 8, fixedAt: at }
  const second = await postOne(
    cookie,
    scan({ kind: 'qr', code: city.codeOf(far.tag) }, { minutesAgo: 2, position }),
  )
  for (const { id } of [first, second]) {
    expect(await onRecord(id)).toMatchObject({ verdict: 'needs-review', fulfils: 'when-confirmed' })
    expect(codes(await onRecord(id))).toEqual(['impossible-travel'])
  }
})

describe('a display with a rotating code', () => {
  const call = (cookie: string, method: 'GET' | 'POST' | 'DELETE', url: string, payload: object = {}) =>
    city.app.inject({
      method,
      url: `/api/v1${url}`,
      headers: { cookie, 'x-requested-with': 'patrol' },
      ...(method === 'POST' ? { payload } : {}),
    })

  /** A display at a point of the place, and what its code was so many minutes ago. */
  async function hang(at: { place: { precinctId: number }; point: { id: number } }) {
    const chief = await makeOfficer(city.db, { ...at.place, stationId: null }, { roles: ['duty-officer'] })
    const { cookie: desk } = await city.logIn(chief.id)
    const asked = (await call('', 'POST', '/wall-displays')).json<WallPairing>()
    const approval = { code: asked.code, name: '門口螢幕', patrolPointId: at.point.id }
    const { displayId, claim } = asked
    const approve = (cookie: string) => call(cookie, 'POST', '/wall-displays/approval', approval)
    const take = async () => {
      const claimed = await call('', 'POST', '/wall-displays/claim', { displayId, claim })
      const { rows } = await city.db.execute<{ opaque_id: string }>(sql`
        select t.opaque_id from wall_display w join tag t on t.id = w.tag_id where w.id = ${displayId}`)
      const key = city.env.tagKeys.get(1)
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
    const drawn = await qrcode.toString(`${city.env.publicOrigin}/c/${code}`, {
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
    await city.db.execute(
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
    await makeWindowRule(city.db, point.id, { startMinute: 0, durationMinutes: 1_440, graceSeconds: 86_400 })
    await materialiseWindows(city.db)
    const { sign } = await enrol(officer.id)
    const receipt = await postOne(cookie, sign(scan({ kind: 'qr', code }, { minutesAgo: 2 })))
    expect(receipt).toMatchObject({ verdict: 'needs-review', fulfils: 'when-confirmed' })
    expect(codes(receipt)).toEqual(['no-track'])
    await track(officer.id, unit.id, [
      [3, 120.2],
      [1, 120.2],
    ])
    await rejudgeByTracks(city.db, city.env)
    expect(await onRecord(receipt.id)).toMatchObject({ verdict: 'accepted', fulfils: 'yes', reasons: [] })
    const windows = await city.db.execute(sql`
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
    await rejudgeByTracks(city.db, city.env)
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
    await city.db.execute(sql`
      update check_in set reviewed_by = ${officer.id}, reviewed_at = now(), verdict = 'rejected'
      where id = ${receipt.id}`)
    await track(officer.id, unit.id, [[2.5, 120.2]])
    await rejudgeByTracks(city.db, city.env)
    expect(await onRecord(receipt.id)).toMatchObject({ verdict: 'rejected' })
  })
})
