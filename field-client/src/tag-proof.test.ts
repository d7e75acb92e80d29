import { describe, expect, test } from 'vitest'
import { readMessage } from './nfc.ts'
import { proofOfTag } from './tag-proof.ts'

const code = '1ABCDEFGHJKMNPQRSTVWXYZ0123'
const tapped = `https://patrol.example/c/${code}?p=${'0A'.repeat(16)}&m=${'0b'.repeat(8)}`
const record = (recordType: string, text: string) => ({
  recordType,
  data: new DataView(new TextEncoder().encode(text).buffer),
})
const read = (...records: { recordType: string; data?: DataView }[]) =>
  proofOfTag(readMessage('04:a1:b2:c3:d4:e5:f6', records))

describe('what a tag proves', () => {
  test('the mirrored address of a secure tag goes to the server exactly as tapped', () => {
    expect(read(record('url', tapped))).toEqual({ kind: 'sun', url: tapped })
  })

  test('our address without a mirrored proof is a plain tag, with the chip’s number', () => {
    const ndefUrl = `https://patrol.example/c/${code}`
    expect(read(record('url', ndefUrl))).toEqual({ kind: 'uid', uid: '04:a1:b2:c3:d4:e5:f6', ndefUrl })
    const cut = tapped.slice(0, -1)
    expect(read(record('url', cut))).toMatchObject({ kind: 'uid', ndefUrl: cut })
  })

  test('a tag with nothing on it may be enrolled by its number', () => {
    expect(read()).toEqual({ kind: 'uid', uid: '04:a1:b2:c3:d4:e5:f6' })
    expect(read({ recordType: 'empty' })).toMatchObject({ kind: 'uid' })
  })

  test('what is written by others is none of ours', () => {
    expect(read(record('url', 'https://shop.example/menu'))).toBeNull()
    expect(read(record('text', code))).toBeNull()
    expect(read(record('url', `https://shop.example/menu?back=/c/${code}`))).toBeNull()
  })
})
