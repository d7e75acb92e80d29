import { randomBytes, randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { openContact, registerKeysOf, sealContact, type ContactSecret } from './seal.ts'

const keys = new Map([[1, randomBytes(32)]])
const row = { id: randomUUID(), kind: 'concern' as const, beatId: 7 }
const secret: ContactSecret = { registerId: 'R1', name: '王小明', address: '一號', phone: '0900', note: '' }

test('what was sealed opens again, and never looks the same twice', () => {
  const once = sealContact(keys, row, secret)
  const twice = sealContact(keys, row, secret)
  expect(openContact(keys, { ...row, ...once })).toEqual(secret)
  expect(once.sealed.equals(twice.sealed)).toBe(false)
  expect(once.sealed.includes(Buffer.from('王小明'))).toBe(false)
})

test('it opens in no other row, beat or kind, nor with a byte changed or another key', () => {
  const sealed = sealContact(keys, row, secret)
  const changed = Buffer.from(sealed.sealed)
  changed.writeUInt8(changed.readUInt8(40) ^ 1, 40)
  const tries = [
    { ...row, ...sealed, id: randomUUID() },
    { ...row, ...sealed, beatId: 8 },
    { ...row, ...sealed, kind: 'recorded' as const },
    { ...row, ...sealed, sealed: changed },
    { ...row, ...sealed, sealed: Buffer.alloc(3) },
  ]
  for (const one of tries) expect(() => openContact(keys, one)).toThrow(/does not open/)
  expect(() => openContact(new Map([[1, randomBytes(32)]]), { ...row, ...sealed })).toThrow(/does not open/)
  expect(() => openContact(keys, { ...row, ...sealed, keyVersion: 2 })).toThrow('no version 2')
})

test('the newest key seals, older ones open, and a register’s number is found under each', () => {
  const old = sealContact(keys, row, secret)
  const both = new Map([...keys, [2, randomBytes(32)]])
  expect(sealContact(both, row, secret).keyVersion).toBe(2)
  expect(openContact(both, { ...row, ...old })).toEqual(secret)
  expect(registerKeysOf(both, 'R1')[1]).toEqual(registerKeysOf(keys, 'R1')[0])
  expect(registerKeysOf(keys, 'R2')).not.toEqual(registerKeysOf(keys, 'R1'))
})
