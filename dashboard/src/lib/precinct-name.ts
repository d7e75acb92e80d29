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

export function fullName(precinct: Pick<WallPrecinct, 'name' | 'nameEn'>, language: Language): string {
  return language === 'zh-TW' ? precinct.name : precinct.nameEn
}
