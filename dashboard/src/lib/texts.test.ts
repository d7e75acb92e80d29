import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { writeAge, writePlace, writeTitle } from './alert-text.ts'
import { modelAlert } from './live/model-alert.ts'
import { messages } from './messages.ts'
import { writeChange, writeShare } from './numbers.ts'
import { shortName } from './precinct-name.ts'
import { dayOf, writeClock, writeDate } from './time.ts'
import { tokens } from './tokens.ts'

const alert = modelAlert({ kind: 'missed-windows', subject: { place: '永康分局' }, count: 12 })
const zh = messages['zh-TW']

describe('what people read', () => {
  test('the date is that of Taipei in the Republic’s years', () => {
    const ms = Date.parse('2026-11-22T16:00:05Z')
    expect(writeDate(ms, 'zh-TW')).toBe('民國115年11月23日（週一）')
    expect(writeDate(ms, 'en')).toBe('Mon, 23 Nov 2026')
    expect(writeClock(ms)).toBe('00:00:05')
    expect(dayOf(ms)).toBe('2026-11-23')
  })

  test('an alert says how many points were missed, and an unknown kind is still shown', () => {
    expect(writeTitle(alert, zh)).toBe('漏簽 12 點')
    expect(writeTitle({ ...alert, kind: 'of-tomorrow', count: 2 }, zh)).toBe('異常狀況 ×2')
    expect(writePlace({ ...alert, subject: { place: '赤崁樓', callSign: '第二101' } }, zh)).toBe(
      '赤崁樓・第二101',
    )
    expect(writePlace({ ...alert, subject: {} }, messages.en)).toBe('Whole city')
  })

  test('ages have one unit', () => {
    expect([59_000, 60_000, 3_600_000, 90_000_000, -5].map((ms) => writeAge(ms, zh))).toEqual([
      '59 秒',
      '1 分',
      '1 時',
      '1 天',
      '0 秒',
    ])
  })

  test('coverage is never rounded up to all', () => {
    expect([writeShare(0.999), writeShare(1), writeShare(0.29), writeShare(null)]).toEqual([
      '99%',
      '100%',
      '29%',
      '—',
    ])
  })

  test('the change is that of the latest known hour against last week', () => {
    const series = { values: [1, 20, null], usualLow: [], usualHigh: [], lastWeek: 25 }
    expect(writeChange(series)).toBe('−5')
    expect(writeChange({ ...series, lastWeek: null })).toBeNull()
  })

  test('precincts have short names in both languages', () => {
    const first = { name: '第一分局', nameEn: 'First Precinct' }
    expect([shortName(first, 'zh-TW'), shortName(first, 'en')]).toEqual(['第一', '1st'])
  })

  test('English has no Chinese left in it', () => {
    expect(JSON.stringify(messages.en)).not.toMatch(/\p{Script=Han}/u)
  })
})

test('canvas and style sheet use the same colours', () => {
  const css = readFileSync(new URL('../app.css', import.meta.url), 'utf8')
  for (const [name, color] of Object.entries(tokens)) expect(css).toContain(`--${name}: ${color};`)
})
