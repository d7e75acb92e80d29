import type { WallPrecinct } from '@patrol/contract'
import type { Language } from './messages.ts'

const ordinals: Record<string, string> = {
  first: '1st',
  second: '2nd',
  third: '3rd',
  fourth: '4th',
  fifth: '5th',
  sixth: '6th',
}

/** 第一分局 → 第一, First Precinct → 1st: sixteen of them share one line of the wall. */
export function shortName(
  { name, nameEn }: Pick<WallPrecinct, 'name' | 'nameEn'>,
  language: Language,
): string {
  if (language === 'zh-TW') return name.replace(/^臺南市政府警察局/, '').replace(/分局$/, '')
  const short = nameEn.replace(/ (police )?precinct$/i, '')
  return ordinals[short.toLowerCase()] ?? short
}

/** English names that are wider than a cell of the wall's strip: the first syllable as its initial, as on a map. */
const squeezed: Record<string, string> = { Yongkang: 'Y.Kang', Shanhua: 'S.Hua', Xinying: 'X.Ying' }

/** The same, where five letters must do. The full name stands beside it for a screen reader. */
export function shortestName(precinct: Pick<WallPrecinct, 'name' | 'nameEn'>, language: Language): string {
  const short = shortName(precinct, language)
  return squeezed[short] ?? short
}

export function fullName(precinct: Pick<WallPrecinct, 'name' | 'nameEn'>, language: Language): string {
  return language === 'zh-TW' ? precinct.name : precinct.nameEn
}
