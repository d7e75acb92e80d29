import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CheckIn, CheckInAnswers, EnrolledTag, ReissuedLabel, TagKeys } from '@patrol/contract'
import { makeOfficer, makePoint, makePrecinct, makeUnit, newUuidV7 } from '@patrol/db/factories'
import { signBeacon } from '../src/check-in/beacon.ts'
import { codeOfUrl } from '../src/check-in/proof/sun-url.ts'
import { reissueLabel } from '../src/tag/reissue-label.ts'
import { startTestCity, type TestCity } from './build-app.ts'
import { tapChip } from './secure-tag.ts'

let city: TestCity
beforeAll(async () => {
  city = await startTestCity()
})
afterAll(() => city.stop())

async function station() {
  const place = await makePrecinct(city.db)
  const { point, tag } = await makePoint(city.db, place)
  const officer = await makeOfficer(city.db, place)
  await makeUnit(city.db, place, [officer.id])
  const at = { organisationId: place.precinctId }
  const cookieOf = async (roles: Parameters<typeof makeOfficer>[2]) =>
    (await city.logIn((await makeOfficer(city.db, place, roles)).id)).cookie
  return {
    point,
    label: tag,
    officer: (await city.logIn(officer.id)).cookie,
    supervisor: await cookieOf({ ...at, roles: ['supervisor'] }),
    administrator: await cookieOf({ ...at, roles: ['administrator'] }),
  }
}

function post(cookie: string, url: string, payload?: object) {
  return city.app.inject({
    method: 'POST',
    url: `/api/v1${url}`,
    headers: { cookie, 'x-requested-with': 'patrol' },
    ...(payload === undefined ? {} : { payload }),
  })
}

let serial = 0
const newUid = () => `04${(++serial).toString(16).padStart(12, '0')}`.toUpperCase()

async function scan(cookie: string, proof: CheckIn['proof'], minutesAgo = 0) {
  const at = new Date(Date.now() - minutesAgo * 60_000)
  const token = signBeacon(new Date(at.getTime() - 1_000), city.env.serverKey)
  const checkIn: CheckIn = {
    id: newUuidV7(),
    act: 'check-in',
    role: 'patrol',
    proof,
    checkedInAt: at.toISOString(),
    clock: { deviceAt: at.toISOString(), monotonicMs: 2_000, beacon: { token, monotonicMs: 1_000 } },
    position: { lon: 120.2, lat: 23, accuracyMeters: 8, fixedAt: at.toISOString() },
  }
  const [result] = (await post(cookie, '/check-ins', checkIn)).json<CheckInAnswers>().results
  if (result === undefined || !('stored' in result)) throw new Error('Not stored.')
  return { verdict: result.verdict, codes: result.reasons.map((reason) => reason.code) }
}

describe('a secure tag', () => {
  test('is bound, programmed with keys that are told once, tapped, and then in use', async () => {
    const { point, supervisor, administrator, officer } = await station()
    const uid = newUid()
    const bound = (
      await post(supervisor, '/tags', {
        patrolPointId: point.id,
        uid: uid.toLowerCase().replace(/(..)(?=.)/g, '$1:'),
        secure: true,
      })
    ).json<EnrolledTag>()
    expect(bound).toMatchObject({ uid, active: false, secure: true })

    expect((await post(supervisor, `/tags/${bound.id}/keys`)).statusCode).toBe(403)
    const told = await post(administrator, `/tags/${bound.id}/keys`)
    expect(told.headers['cache-control']).toBe('no-store')
    expect((await post(administrator, `/tags/${bound.id}/keys`)).json()).toMatchObject({
      code: 'TAG_KEYS_TAKEN',
    })
    const [, metaRead = '', fileRead = ''] = told.json<TagKeys>().keys.map(({ key }) => key)
    const chip = {
      uid,
      code: codeOfUrl(bound.sheet.url) ?? '',
      metaReadKey: Buffer.from(metaRead, 'hex'),
      fileReadKey: Buffer.from(fileRead, 'hex'),
    }
    expect(await scan(officer, { kind: 'sun', url: tapChip(chip, 1) })).toMatchObject({
      codes: ['tag-unknown'],
    })

    const zero = Buffer.alloc(16)
    for (const blank of [
      { ...chip, metaReadKey: zero, fileReadKey: zero },
      { ...chip, fileReadKey: zero },
    ]) {
      const refused = await post(supervisor, `/tags/${bound.id}/activate`, { url: tapChip(blank, 1) })
      expect(refused.json()).toMatchObject({ code: 'TAG_ON_FACTORY_KEY' })
    }
    const foreign = { ...chip, code: 'X' }
    expect(
      (await post(supervisor, `/tags/${bound.id}/activate`, { url: tapChip(foreign, 2) })).json(),
    ).toMatchObject({ code: 'TAG_PROOF_WRONG' })
    const active = await post(supervisor, `/tags/${bound.id}/activate`, { url: tapChip(chip, 2) })
    expect(active.json()).toMatchObject({ active: true })
    expect(await scan(officer, { kind: 'sun', url: tapChip(chip, 3) })).toMatchObject({ verdict: 'accepted' })

    const again = { patrolPointId: point.id, uid, secure: true }
    expect((await post(supervisor, '/tags', again)).json()).toMatchObject({ code: 'TAG_IN_USE' })
    expect((await post(supervisor, `/tags/${bound.id}/revoke`)).statusCode).toBe(204)
    expect(await scan(officer, { kind: 'sun', url: tapChip(chip, 4) })).toMatchObject({
      codes: ['tag-revoked'],
    })
    expect((await post(supervisor, '/tags', again)).json()).toMatchObject({ active: false })
  })

  test('is programmed where the sheet says: the chip’s mirrors land in the URL that we read', async () => {
    const { point, supervisor } = await station()
    const { sheet } = (
      await post(supervisor, '/tags', { patrolPointId: point.id, uid: newUid(), secure: true })
    ).json<EnrolledTag>()
    const file = Buffer.from(sheet.ndefFile, 'hex')
    if (sheet.mirror === null) throw new Error('A secure tag mirrors.')
    const { piccDataOffset, macInputOffset, macOffset, fileSettings } = sheet.mirror
    expect(file.readUInt16BE()).toBe(file.length - 2)
    expect(file.subarray(macInputOffset, macOffset).toString()).toBe(
      `${codeOfUrl(sheet.url)}?p=${'0'.repeat(32)}&m=`,
    )
    expect(file.subarray(piccDataOffset, piccDataOffset + 32).toString()).toBe('0'.repeat(32))
    expect(file.length).toBe(macOffset + 16)
    const offsets = [piccDataOffset, macInputOffset, macOffset].map((offset) =>
      offset.toString(16).padStart(2, '0').padEnd(6, '0').toUpperCase(),
    )
    expect(fileSettings).toBe(`4000E0C1FF12${offsets.join('')}`)
  })

  test('belongs to those who are set over its point', async () => {
    const here = await station()
    const elsewhere = await station()
    const enrolment = { patrolPointId: here.point.id, uid: newUid(), secure: true }
    expect((await post(elsewhere.supervisor, '/tags', enrolment)).statusCode).toBe(404)
    expect((await post(here.officer, '/tags', enrolment)).statusCode).toBe(403)
    const { id } = (await post(here.supervisor, '/tags', enrolment)).json<EnrolledTag>()
    expect((await post(elsewhere.administrator, `/tags/${id}/keys`)).statusCode).toBe(404)
    expect((await post(elsewhere.supervisor, `/tags/${id}/revoke`)).statusCode).toBe(404)
    const activation = { url: 'https://patrol.example/c/x' }
    expect((await post(elsewhere.supervisor, `/tags/${id}/activate`, activation)).statusCode).toBe(404)
    expect((await post(here.supervisor, '/tags', { ...enrolment, uid: 'x' })).json()).toMatchObject({
      code: 'INVALID_INPUT',
    })
  })
})

describe('a re-issued label', () => {
  test('is good at once, the old one in the days of grace too, and not after them', async () => {
    const { point, label, supervisor, officer } = await station()
    const made = await post(supervisor, `/patrol-points/${point.id}/label`, { revokeNow: false })
    const { url } = made.json<ReissuedLabel>()
    const old = { kind: 'qr' as const, code: city.codeOf(label) }
    expect(await scan(officer, { kind: 'qr', code: codeOfUrl(url) ?? '' })).toMatchObject({
      verdict: 'accepted',
    })
    expect(await scan(officer, old)).toMatchObject({ verdict: 'accepted' })
    await city.db.$client.query(`update tag set retired_at = now() - interval '20 minutes' where id = $1`, [
      label.id,
    ])
    expect(await scan(officer, old)).toMatchObject({ codes: ['tag-revoked'] })
    expect(await scan(officer, old, 30)).toMatchObject({ verdict: 'accepted' })
  })

  test('ends a photographed one at once where that is asked', async () => {
    const { point, label, supervisor, officer } = await station()
    await post(supervisor, `/patrol-points/${point.id}/label`, { revokeNow: true })
    expect(await scan(officer, { kind: 'qr', code: city.codeOf(label) })).toMatchObject({
      codes: ['tag-revoked'],
    })
  })

  test('is signed with the newest key, which every server must have; the older one stays good', async () => {
    const { point, label, officer, supervisor } = await station()
    const elsewhere = await station()
    const refused = await post(elsewhere.supervisor, `/patrol-points/${point.id}/label`, { revokeNow: true })
    expect(refused.json()).toMatchObject({ code: 'PATROL_POINT_UNKNOWN' })
    expect((await post(officer, `/patrol-points/${point.id}/label`, { revokeNow: true })).statusCode).toBe(
      403,
    )
    const keys = new Map([...city.env.tagKeys, [2, Buffer.alloc(32, 2)] as const])
    const made = await reissueLabel(city.db, keys, {
      patrolPointId: point.id,
      revokeNow: false,
      officerId: null,
    })
    expect(made.code[0]).toBe('2')
    // This server has no second key yet: what it signs is as good as forged here.
    expect(await scan(officer, { kind: 'qr', code: made.code })).toMatchObject({ codes: ['signature-wrong'] })
    expect(await scan(officer, { kind: 'qr', code: city.codeOf(label) })).toMatchObject({
      verdict: 'accepted',
    })
    expect((await post(supervisor, `/patrol-points/${point.id}/label`, { revokeNow: true })).statusCode).toBe(
      200,
    )
  })
})
