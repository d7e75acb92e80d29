/** Everything on screen is in Taipei's time, whatever the machine is set to. */
const timeZone = 'Asia/Taipei'
/** Taipei has had no summer time since 1979. */
const offsetMs = 8 * 3_600_000

const clock = new Intl.DateTimeFormat('en-GB', {
  timeZone,
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
const shortClock = new Intl.DateTimeFormat('en-GB', {
  timeZone,
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})
const rocDate = new Intl.DateTimeFormat('zh-TW-u-ca-roc', {
  timeZone,
  era: 'short',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
})
const weekday = new Intl.DateTimeFormat('zh-TW', { timeZone, weekday: 'short' })
const englishDate = new Intl.DateTimeFormat('en-GB', {
  timeZone,
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
})

/** 22:10:05 */
export function writeClock(ms: number): string {
  return clock.format(ms)
}

/** 22:10 */
export function writeShortClock(ms: number): string {
  return shortClock.format(ms)
}

/** 11/23: within a list whose year is plain. */
export function writeShortDay(ms: number): string {
  return dayOf(ms).slice(5).replace('-', '/')
}

/** 民國115年11月23日（週一）, or Mon, 23 Nov 2026 in English. */
export function writeDate(ms: number, language: 'zh-TW' | 'en'): string {
  if (language === 'en') return englishDate.format(ms)
  const parts = new Map(rocDate.formatToParts(ms).map((part) => [part.type, part.value]))
  return `民國${parts.get('year')}年${parts.get('month')}月${parts.get('day')}日（${weekday.format(ms)}）`
}

/** The day in Taipei, `2026-11-23`. */
export function dayOf(ms: number): string {
  return new Date(ms + offsetMs).toISOString().slice(0, 10)
}

/** The first instant of a day in Taipei, in ms. */
export function startOfDay(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) - offsetMs
}

/** The hour in Taipei, `2026-11-23T22`. */
export function hourOf(ms: number): string {
  return new Date(ms + offsetMs).toISOString().slice(0, 13)
}

/** 11/23 22:10 */
export function writeDayClock(ms: number): string {
  const [, month = '', day = ''] = dayOf(ms).split('-')
  return `${Number(month)}/${Number(day)} ${writeShortClock(ms)}`
}

/** For `<input type=datetime-local>`, which knows no time zone: `2026-11-23T22:10` in Taipei. */
export function writeLocalTime(ms: number): string {
  return new Date(ms + offsetMs).toISOString().slice(0, 16)
}

/** The instant of such an input, read as Taipei's time. */
export function readLocalTime(text: string): string {
  return new Date(`${text}:00+08:00`).toISOString()
}
