import { expect, test } from 'vitest'
import { newOpaqueId, signQr } from './signed-qr.ts'
import { verifyRotatingCode, writeRotatingCode } from './rotating-code.ts'
import { computeTotp, stepAt } from './totp.ts'

// RFC 6238, appendix B. Its secrets are the ASCII digits 1234567890 repeated to the length of the hash.
const secretOf = (bytes: number) => Buffer.from('1234567890'.repeat(7).slice(0, bytes))
test.each([
  [59, '94287082', '46119246', '90693936'],
  [1_111_111_109, '07081804', '68084774', '25091201'],
  [1_111_111_111, '14050471', '67062674', '99943326'],
  [1_234_567_890, '89005924', '91819424', '93441116'],
  [2_000_000_000, '69279037', '90698825', '38618901'],
  [20_000_000_000, '65353130', '77737706', '47863826'],
])('at %i s the codes are those of the RFC', (seconds, sha1, sha256, sha512) => {
  const step = stepAt(new Date(seconds * 1_000), 1)
  expect([
    computeTotp(secretOf(20), step, { hash: 'sha1' }),
    computeTotp(secretOf(32), step),
    computeTotp(secretOf(64), step, { hash: 'sha512' }),
  ]).toEqual([sha1, sha256, sha512])
})

test('a code is read back with its step; one of another step, key or display is wrong; never throws', () => {
  const key = Buffer.alloc(32, 7)
  const keys = new Map([[1, key]])
  const [id, other] = [newOpaqueId(), newOpaqueId()]
  const code = writeRotatingCode(id, 1, key, 59_512_345)
  expect(code.length).toBeLessThanOrEqual(42)
  expect(verifyRotatingCode(code.toLowerCase(), keys)).toEqual({
    kind: 'proof-rotating',
    opaqueId: id,
    keyVersion: 1,
    step: 59_512_345,
  })
  const next = writeRotatingCode(id, 1, key, 59_512_346)
  const elsewhere = writeRotatingCode(other, 1, key, 59_512_345)
  for (const forged of [
    code.slice(0, 34) + next.slice(34),
    elsewhere.slice(0, 28) + code.slice(28),
    code.slice(0, 28) + elsewhere.slice(28),
  ]) {
    expect(verifyRotatingCode(forged, keys).kind, forged).toBe('signature-wrong')
  }
  expect(verifyRotatingCode(code, new Map([[1, Buffer.alloc(32, 8)]])).kind).toBe('signature-wrong')
  for (const text of [
    '',
    '.',
    signQr(id, 1, key),
    `${signQr(id, 1, key)}.`,
    code.slice(0, -1),
    `${code}0`,
    '一.二',
  ]) {
    expect(verifyRotatingCode(text, keys).kind, text).toBe('malformed-proof')
  }
})
