import { expect, test } from 'vitest'
import { networkOf } from './network-of.ts'

test('an IPv4 address counts by itself, however it is written', () => {
  expect(networkOf('203.0.113.9')).toBe('203.0.113.9')
  expect(networkOf('::ffff:203.0.113.9')).toBe('203.0.113.9')
  expect(networkOf('::ffff:cb00:7109')).toBe('203.0.113.9')
})

test('all addresses of one /64 count together, those of the next do not', () => {
  const own = networkOf('2001:db8:0:7::1')
  expect(own).toBe('2001:db8:0:7::/64')
  expect(networkOf('2001:0db8:0000:0007:ffff:1:2:3')).toBe(own)
  expect(networkOf('2001:db8:0:8::1')).not.toBe(own)
  expect(networkOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64')
  expect(networkOf('::1')).toBe('0:0:0:0::/64')
})
