import fc from 'fast-check'
import { expect, test } from 'vitest'
// oxlint-disable-next-line no-restricted-imports -- the one place where both are held together
import { writeCanonical as writeOnPhone } from '../../../field-client/src/canonical.ts'
import { writeCanonical } from './canonical-check-in.ts'

test('phone and server write the same text of whatever JSON can hold, in whatever order its keys come', () => {
  fc.assert(
    fc.property(fc.jsonValue({ depthSize: 'medium' }), (value) => {
      expect(writeOnPhone(value)).toBe(writeCanonical(value))
      expect(writeOnPhone(JSON.parse(JSON.stringify(value)))).toBe(writeCanonical(value))
    }),
    { numRuns: 500 },
  )
})

test('the text has no spaces, sorted keys at every depth, and nothing undefined', () => {
  const value = { b: [{ d: 1, c: 'é"' }], a: undefined, A: null, z: 1.5, y: -0 }
  const text = '{"A":null,"b":[{"c":"é\\"","d":1}],"y":0,"z":1.5}'
  expect([writeOnPhone(value), writeCanonical(value)]).toEqual([text, text])
})
