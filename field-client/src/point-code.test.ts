import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkCharacter, groupCode, readScannedCode, readTypedCode } from './point-code.ts'

const digit = fc.constantFrom(...'0123456789ABCDEFGHJKMNPQRSTVWXYZ')
const id = fc.array(digit, { minLength: 13, maxLength: 13 }).map((digits) => digits.join(''))

describe('the typed code', () => {
  test('has the check character of Crockford: the number modulo 37', () => {
    expect(checkCharacter('0000000000000')).toBe('0')
    expect(checkCharacter('000000000000Z')).toBe('Z')
    // 32 + 0 … 32 + 4 are the five symbols that are no digits.
    expect(['10', '11', '12', '13', '14'].map(checkCharacter)).toEqual(['*', '~', '$', '=', 'U'])
    const value = 0xfedc_ba98_7654_3210n
    const text = [...Array(13).keys()]
      .map((place) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[Number((value >> BigInt(60 - 5 * place)) & 31n)])
      .join('')
    expect('0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U'.indexOf(checkCharacter(text))).toBe(Number(value % 37n))
  })

  test('is read in any case, with blanks, hyphens, full-width characters and the usual mistakes', () => {
    const code = `01HJKMNPQRSTV${checkCharacter('01HJKMNPQRSTV')}`
    const same = [code, code.toLowerCase(), groupCode(code), ` ${groupCode(code).replaceAll('-', ' ')} `]
    same.push(code.replace('0', 'o').replace('1', 'L'), code.replace('0', 'O').replace('1', 'i'))
    same.push([...code].map((char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0)).join(''))
    for (const typed of same) expect(readTypedCode(typed)).toEqual({ state: 'complete', code })
  })

  test('is accepted for every id, and never with one wrong digit', () => {
    fc.assert(
      fc.property(id, fc.nat(12), digit, (digits, place, other) => {
        const check = checkCharacter(digits)
        expect(readTypedCode(groupCode(digits + check))).toEqual({ state: 'complete', code: digits + check })
        const wrong = digits.slice(0, place) + other + digits.slice(place + 1) + check
        if (digits[place] !== other) expect(readTypedCode(wrong)).toEqual({ state: 'wrong-check' })
      }),
    )
  })

  test('is never accepted with two neighbours exchanged', () => {
    fc.assert(
      fc.property(id, fc.nat(11), (digits, place) => {
        const [a, b] = [digits.charAt(place), digits.charAt(place + 1)]
        const wrong = digits.slice(0, place) + b + a + digits.slice(place + 2) + checkCharacter(digits)
        if (a !== b) expect(readTypedCode(wrong).state).toBe('wrong-check')
      }),
    )
  })

  test('says what is wrong', () => {
    expect(readTypedCode('01HJ')).toEqual({ state: 'incomplete', count: 4 })
    expect(readTypedCode('01HU')).toEqual({ state: 'wrong-character' })
    expect(readTypedCode('臺南')).toEqual({ state: 'wrong-character' })
    expect(readTypedCode('0'.repeat(15))).toEqual({ state: 'wrong-check' })
  })
})

describe('the scanned code', () => {
  test('is the end of /c/ on any host, or bare', () => {
    const code = '1ABCDEFGHJKMNPQRSTVWXYZ012345'
    expect(readScannedCode(`https://patrol.example/c/${code}`)).toBe(code)
    expect(readScannedCode(`HTTPS://PATROL.EXAMPLE/C/${code}`)).toBe(code)
    expect(readScannedCode(`http://192.168.1.7:8080/c/${code}?x=1`)).toBe(code)
    expect(readScannedCode(` ${code}\n`)).toBe(code)
  })

  test('is not found in another QR', () => {
    const others = [
      'https://example.com/',
      'https://example.com/c/a/b',
      'javascript:alert(1)//c/ABC',
      'WIFI:S:x;;',
    ]
    for (const other of [...others, '', 'tel:110', `https://example.com/c/${'A'.repeat(81)}`]) {
      expect(readScannedCode(other)).toBeNull()
    }
  })
})
