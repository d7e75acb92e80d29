import { expect, test } from 'vitest'
import { findColumn } from './columns.ts'
import { parseClock, parseDay, parseInstant, parseNumber, parsePosition, parseWeekdays } from './values.ts'

test.each([
  ['12.5', 12.5],
  ['１２０．２', 120.2],
  ['6,777', 6_777],
  ['-3', -3],
  ['', null],
  ['12a', null],
  ['NaN', null],
  ['0x10', null],
])('the number %j is %j', (text, value) => expect(parseNumber(text)).toBe(value))

test.each([
  ['2018-01-04', { year: 2018, month: 1, day: 4 }],
  ['20180104', { year: 2018, month: 1, day: 4 }],
  ['1070104', { year: 2018, month: 1, day: 4 }],
  ['990104', { year: 2010, month: 1, day: 4 }],
  ['107/1/4', { year: 2018, month: 1, day: 4 }],
  ['民國107年1月4日', { year: 2018, month: 1, day: 4 }],
  ['１０７年１月４日', { year: 2018, month: 1, day: 4 }],
  ['2019-02-29', null],
  ['20181304', null],
  ['yesterday', null],
])('the day %j is %j', (text, day) => expect(parseDay(text)).toEqual(day))

test.each([
  ['16:43', 60_180],
  ['16:43:05', 60_185],
  ['164305', 60_185],
  ['00000', 0],
  ['1643', 60_180],
  ['16時43分', 60_180],
  ['24:00', null],
  ['7:61', null],
  ['noon', null],
])('the time %j is %j seconds after midnight', (text, seconds) => expect(parseClock(text)).toBe(seconds))

test.each([
  ['2015-04-15 00:22:00', '', '2015-04-14T16:22:00.000Z'],
  ['2015-04-15T00:22:00+09:00', '', '2015-04-14T15:22:00.000Z'],
  ['20180104', '154200', '2018-01-04T07:42:00.000Z'],
  ['107/01/04', '15:42', '2018-01-04T07:42:00.000Z'],
  ['2015-04-15 25:00:00', '', undefined],
  ['', '', undefined],
])('%j %j is %j', (when, clock, iso) => expect(parseInstant(when, clock)?.toISOString()).toBe(iso))

test.each([
  ['一,三,五,日', 0b1010101],
  ['週一、週二', 0b11],
  ['1,7', 0b1000001],
  ['每日', 127],
  ['八', null],
  ['0', null],
  ['', null],
])('the weekdays %j are %j', (text, bits) => expect(parseWeekdays(text)).toBe(bits))

test('positions come in WGS84 or TWD97, and only those in Taiwan are any', () => {
  expect(parsePosition('120.2', '23')).toEqual([120.2, 23])
  // The origin of TM2 zone 121: 250 km east of its false origin lies the central meridian.
  const [lon, lat] = parsePosition('250000', '2544283.13') ?? []
  expect(lon).toBeCloseTo(121, 5)
  expect(lat).toBeCloseTo(23, 3)
  expect(parsePosition('23', '120.2')).toBeNull()
  expect(parsePosition('0', '0')).toBeNull()
  expect(parsePosition('', '')).toBeNull()
})

test('headers are known by several names, whatever their case and width', () => {
  expect(['Lng', 'LON', 'longitude', '經度', 'Ｘ'].map(findColumn)).toEqual([
    'lng',
    'lng',
    'lng',
    'lng',
    'lng',
  ])
  expect(findColumn('geocode_flag')).toBe('geocodeFlag')
  expect(findColumn('shoe size')).toBeNull()
})
