import type { Language } from './texts.ts'

const TAIPEI = { timeZone: 'Asia/Taipei' } as const

/** `14:05`, 24-hour, in Taipei wherever the phone believes to be. */
export function showTime(ms: number): string {
  return new Intl.DateTimeFormat('zh-TW', {
    ...TAIPEI,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(ms)
}

/** `民國115年11月23日` or `23 Nov, ROC 115`. */
export function showDate(ms: number, language: Language): string {
  const parts = new Intl.DateTimeFormat('en-u-ca-roc', {
    ...TAIPEI,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  })
    .formatToParts(ms)
    .reduce<Record<string, string>>((all, { type, value }) => ({ ...all, [type]: value }), {})
  if (language === 'zh') return `民國${parts.year}年${parts.month}月${parts.day}日`
  const month = new Intl.DateTimeFormat('en', { ...TAIPEI, month: 'short' }).format(ms)
  return `${parts.day} ${month}, ROC ${parts.year}`
}

/** `350 m`, `1.2 km`; a phone's fix is no better than ten metres. */
export function showDistance(meters: number): string {
  if (meters < 995) return `${Math.max(10, Math.round(meters / 10) * 10)} m`
  return `${(meters / 1000).toFixed(meters < 9_950 ? 1 : 0)} km`
}

/** `4:05`: minutes and seconds that are left. */
export function showCountdown(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
