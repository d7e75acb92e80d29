import type { Messages } from '../../../lib/messages.ts'
import { expectHours, findHotHours } from './classes.ts'

const two = (hour: number) => String(hour).padStart(2, '0')

/** 週五 22 時 */
export function writeHour(hour: number, t: Messages): string {
  return t.hotspots.hours.at(t.hotspots.hours.weekdays[Math.floor(hour / 24)] ?? '', two(hour % 24))
}

/** 五 22–24、六 00–02 @param week as told of a cell, or what each hour may expect */
export function writeHotHours(week: string | readonly number[], t: Messages, limit = 3): string {
  return findHotHours(typeof week === 'string' ? expectHours(week) : week, limit)
    .map(({ weekday, from, to }) => `${t.hotspots.hours.weekdays[weekday] ?? ''} ${two(from)}–${two(to)}`)
    .join(t.listComma)
}
