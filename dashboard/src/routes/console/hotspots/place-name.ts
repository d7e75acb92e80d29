import type { Organisation } from '@patrol/contract'
import type { Language } from '../../../lib/messages.ts'
import { shortName } from '../../../lib/precinct-name.ts'

export function nameOf(organisation: Organisation, language: Language): string {
  return organisation.kind === 'precinct'
    ? shortName(organisation, language)
    : language === 'zh-TW'
      ? organisation.name
      : organisation.nameEn
}
