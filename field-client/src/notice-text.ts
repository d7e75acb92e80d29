import { t } from './preferences.svelte.ts'
import { texts, type TextKey } from './texts.ts'

/** What an alert is about. One whose kind this app does not know yet is shown all the same. */
export function writeKind(kind: string): string {
  const key = `notices.kind.${kind}`
  return t(isText(key) ? key : 'notices.kind.other')
}

const isText = (key: string): key is TextKey => key in texts.zh
