import { notices } from './texts/notices.ts'
import { orders } from './texts/orders.ts'
import { base } from './texts/base.ts'
import { briefing } from './texts/briefing.ts'
import { device } from './texts/device.ts'
import { nfc } from './texts/nfc.ts'
import { push } from './texts/push.ts'
import { sos } from './texts/sos.ts'
import { tags } from './texts/tags.ts'
import { visits } from './texts/visits.ts'
import { work } from './texts/work.ts'

/** The sentences of each area of the app; a new area is one line here and a file of its own. */
const areas = [base, briefing, device, nfc, notices, orders, push, sos, tags, visits, work] as const

export type Language = 'zh' | 'en'
type KeysOf<Area> = Area extends { zh: infer Zh } ? keyof Zh & string : never
export type TextKey = KeysOf<(typeof areas)[number]>

export const texts: Record<Language, Record<TextKey, string>> = {
  zh: joinAreas('zh'),
  en: joinAreas('en'),
}

// Each area has all its keys in both languages, so together they have all keys.
function joinAreas(language: Language) {
  return Object.assign({}, ...areas.map((area) => area[language])) as Record<TextKey, string>
}
