import type { Organisation, Village } from '@patrol/contract'
import type { Language } from '../../../lib/messages.ts'
import { shortName } from '../../../lib/precinct-name.ts'

export function nameOf(organisation: Organisation, language: Language): string {
  return organisation.kind === 'precinct'
    ? shortName(organisation, language)
    : language === 'zh-TW'
      ? organisation.name
      : organisation.nameEn
}

/** A village's English name where it has one. */
export function villageOf({ village }: { village: Village | null }, language: Language): string {
  return (language === 'en' ? village?.nameEn : null) ?? village?.name ?? ''
}
