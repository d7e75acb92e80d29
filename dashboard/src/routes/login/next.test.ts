import { expect, test } from 'vitest'
import { readNext } from './next.ts'

test('after logging in nobody is led to another site', () => {
  const read = (next: string) => readNext(new URLSearchParams({ next }))
  expect(read('/wall?views=city')).toBe('/wall?views=city')
  for (const next of [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    '',
  ]) {
    expect(read(next)).toBeNull()
  }
})
