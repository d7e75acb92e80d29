import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readHex, verifyEncryptedSun, verifyPlainSun, type EncryptedSun, type SunKeys } from './sun.ts'

const keysOf = (metaRead: string, fileRead: string): SunKeys => ({
  metaReadKey: Buffer.from(metaRead, 'hex'),
  fileReadKey: () => Buffer.from(fileRead, 'hex'),
})

// Made for these tests with the command line of OpenSSL 3 (`openssl enc`, `openssl mac CMAC`), not with this code.
const OWN = keysOf('A0B1C2D3E4F5061728394A5B6C7D8E9F', '0F1E2D3C4B5A69788796A5B4C3D2E1F0')
const OWN_UID = '0477A1B2C3D4E5'
const OWN_TAP = { piccData: '61629476936690EF9AB5C1E94DE436BE', cmac: 'B9164E13C5851522' }
const OWN_FILE = '594184D41007291BC1C64433CDED4109E1EF0F78489DD6ACB2D43E212C7B177C'
const OWN_FILE_TAP = {
  ...OWN_TAP,
  cmac: 'F5F1DB4492D0B55A',
  macInput: `${OWN_FILE}&m=`,
  encFileData: OWN_FILE,
}

// NXP AN12196 (NTAG 424 DNA features and hints), examples on pages 12 and 18; keys all zero as published.
const FACTORY = keysOf('00'.repeat(16), '00'.repeat(16))
const NXP_TAP = { piccData: 'EF963FF7828658A599F3041510671E88', cmac: '94EED9EE65337086' }
const NXP_FILE_TAP = {
  piccData: 'FD91EC264309878BE6345CBE53BADF40',
  cmac: 'ECC1E7F6C6C73BF6',
  macInput: 'CEE9A53E3E463EF1F459635736738962&cmac=',
  encFileData: 'CEE9A53E3E463EF1F459635736738962',
}

const malformed = { valid: false, reason: 'malformed-proof' }
const mismatch = { valid: false, reason: 'mac-mismatch' }

describe('verifyEncryptedSun', () => {
  it('accepts the example of AN12196 page 12', () => {
    expect(verifyEncryptedSun(NXP_TAP, FACTORY)).toEqual({
      valid: true,
      uid: '04DE5F1EACC040',
      readCtr: 61,
      fileData: null,
    })
  })

  it('accepts the example of AN12196 page 18 and opens its file data', () => {
    const verdict = verifyEncryptedSun(NXP_FILE_TAP, FACTORY)
    expect(verdict).toMatchObject({ valid: true, uid: '04958CAA5C5E80', readCtr: 8 })
    expect(verdict.valid && verdict.fileData?.toString('ascii')).toBe('xxxxxxxxxxxxxxxx')
  })

  it('accepts a tap under two different keys, in either case of hex', () => {
    const accepted = { valid: true, uid: OWN_UID, readCtr: 298, fileData: null }
    expect(verifyEncryptedSun(OWN_TAP, OWN)).toEqual(accepted)
    const lower = { piccData: OWN_TAP.piccData.toLowerCase(), cmac: OWN_TAP.cmac.toLowerCase() }
    expect(verifyEncryptedSun(lower, OWN)).toEqual(accepted)
  })

  it('opens file data of several blocks', () => {
    const verdict = verifyEncryptedSun(OWN_FILE_TAP, OWN)
    expect(verdict.valid && verdict.fileData?.toString('ascii')).toBe('box-17 front doorbox-17 rear doo')
  })

  it('does not believe file data that the MAC does not cover', () => {
    expect(verifyEncryptedSun({ ...OWN_TAP, encFileData: OWN_FILE }, OWN)).toMatchObject({
      valid: true,
      fileData: null,
    })
  })

  it('accepts a tag that mirrors no counter', () => {
    const tap = { piccData: '44E7B9DFE7765029A82C986AAD84663F', cmac: '8A9350BBC11CAD46' }
    expect(verifyEncryptedSun(tap, OWN)).toEqual({ valid: true, uid: OWN_UID, readCtr: null, fileData: null })
  })

  it('refuses a wrong MAC, a wrong covered text and a wrong key of the tag', () => {
    expect(verifyEncryptedSun({ ...OWN_TAP, cmac: 'B9164E13C5851523' }, OWN)).toEqual(mismatch)
    expect(verifyEncryptedSun({ ...OWN_FILE_TAP, macInput: `${OWN_FILE}&n=` }, OWN)).toEqual(mismatch)
    const otherKey = { ...OWN, fileReadKey: () => Buffer.alloc(16) }
    expect(verifyEncryptedSun(OWN_TAP, otherKey)).toEqual(mismatch)
  })

  it('refuses PICC data whose tag byte names no seven-byte UID', () => {
    const tap = { piccData: 'A0D3A4E40DC937E4782316A963D69E68', cmac: '8CDA30E520080C01' }
    expect(verifyEncryptedSun(tap, OWN)).toEqual(malformed)
  })

  it('asks for the key of the UID inside', () => {
    const asked: string[] = []
    const fileReadKey = (uid: string) => {
      asked.push(uid)
      return OWN.fileReadKey(uid)
    }
    verifyEncryptedSun(OWN_TAP, { ...OWN, fileReadKey })
    expect(asked).toEqual([OWN_UID])
  })

  it.each([
    ['short PICC data', { ...OWN_TAP, piccData: OWN_TAP.piccData.slice(2) }],
    ['an odd number of digits', { ...OWN_TAP, piccData: OWN_TAP.piccData.slice(1) }],
    ['digits that are none', { ...OWN_TAP, piccData: OWN_TAP.piccData.replace('6', 'G') }],
    ['full-width digits', { ...OWN_TAP, piccData: OWN_TAP.piccData.replace('6', '６') }],
    ['a line end after the digits', { ...OWN_TAP, cmac: OWN_TAP.cmac.slice(1) + '\n' }],
    ['a long MAC', { ...OWN_TAP, cmac: OWN_TAP.cmac + '00' }],
    ['no MAC', { ...OWN_TAP, cmac: undefined }],
    ['numbers for text', { piccData: 61629476, cmac: 9 }],
    ['an array for text', { ...OWN_TAP, piccData: [OWN_TAP.piccData] }],
    ['half a block of file data', { ...OWN_FILE_TAP, encFileData: OWN_FILE.slice(16) }],
    ['empty file data', { ...OWN_FILE_TAP, encFileData: '' }],
    ['covered text outside ASCII', { ...OWN_TAP, macInput: '巡' }],
  ])('calls %s malformed', (_, message) => {
    expect(verifyEncryptedSun(message, OWN)).toEqual(malformed)
  })

  it('never throws and never accepts what a stranger makes up', () => {
    const field = fc.oneof(fc.anything(), fc.string(), hexOf(16), hexOf(8))
    const message = fc.record({ piccData: field, cmac: field, macInput: field, encFileData: field })
    fc.assert(
      fc.property(message, (made: EncryptedSun) => !verifyEncryptedSun(made, OWN).valid),
      { numRuns: 2_000 },
    )
  })

  it('accepts no tap with one bit turned', () => {
    fc.assert(
      fc.property(fc.constantFrom('piccData' as const, 'cmac' as const), fc.nat(), (field, at) => {
        const bytes = Buffer.from(OWN_TAP[field], 'hex')
        const bit = at % (bytes.length * 8)
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const verdict = verifyEncryptedSun({ ...OWN_TAP, [field]: bytes.toString('hex') }, OWN)
        return !verdict.valid
      }),
    )
  })
})

describe('readHex', () => {
  it('reads whole bytes only', () => {
    expect(readHex('0aF0', 2)).toEqual(Buffer.of(0x0a, 0xf0))
    expect(readHex('', 0)).toEqual(Buffer.alloc(0))
    expect(readHex('0aF', 1.5)).toBeNull()
    expect(readHex('0aF0', 1)).toBeNull()
  })
})

describe('verifyPlainSun', () => {
  const tap = {
    uid: OWN_UID,
    readCtr: '00012A',
    cmac: '12E195237B1B770E',
    macInput: `uid=${OWN_UID}&ctr=00012A&m=`,
  }

  it('accepts a tap and reads the counter most significant byte first', () => {
    expect(verifyPlainSun(tap, OWN.fileReadKey)).toEqual({
      valid: true,
      uid: OWN_UID,
      readCtr: 298,
      fileData: null,
    })
  })

  it('refuses another counter and another UID', () => {
    expect(verifyPlainSun({ ...tap, readCtr: '00012B' }, OWN.fileReadKey)).toEqual(mismatch)
    expect(verifyPlainSun({ ...tap, uid: '0477A1B2C3D4E6' }, OWN.fileReadKey)).toEqual(mismatch)
  })

  it('calls a UID or counter of another length malformed', () => {
    expect(verifyPlainSun({ ...tap, uid: '0477A1B2' }, OWN.fileReadKey)).toEqual(malformed)
    expect(verifyPlainSun({ ...tap, readCtr: '12A' }, OWN.fileReadKey)).toEqual(malformed)
  })

  it('never throws and never accepts what a stranger makes up', () => {
    const field = fc.oneof(fc.anything(), hexOf(7), hexOf(3), hexOf(8))
    const message = fc.record({ uid: field, readCtr: field, cmac: field, macInput: field })
    fc.assert(fc.property(message, (made) => !verifyPlainSun(made, OWN.fileReadKey).valid))
  })
})

function hexOf(bytes: number): fc.Arbitrary<string> {
  return fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((made) => Buffer.from(made).toString('hex'))
}
