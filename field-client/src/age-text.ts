import { t } from './preferences.svelte.ts'

/** How long ago something was heard: `3 min ago`. */
export function showAge(ms: number): string {
  if (ms < 60_000) return t('time.now')
  const minutes = Math.floor(ms / 60_000)
  return minutes < 60 ? t('time.minutes', { n: minutes }) : t('time.hours', { n: Math.floor(minutes / 60) })
}
