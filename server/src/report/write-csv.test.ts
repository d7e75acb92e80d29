import { expect, test } from 'vitest'
import { writeCsv } from './write-csv.ts'

test('starts with a BOM, ends lines with CRLF, quotes text and leaves numbers alone', () => {
  expect(writeCsv(['名稱', 'n'], [['巡邏箱 "甲"', 3]])).toBe('\ufeff"名稱","n"\r\n"巡邏箱 ""甲""",3\r\n')
})

test('a field that a spreadsheet would run is made text', () => {
  for (const formula of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1']) {
    expect(writeCsv([], [[formula]])).toContain(`"'${formula}"`)
  }
})

test('nothing is an empty field', () => {
  expect(writeCsv(['a', 'b'], [[null, null]])).toBe('\ufeff"a","b"\r\n,\r\n')
})
