import type { Alert } from '@patrol/contract'
import type { Messages } from './messages.ts'

export type Priority = 1 | 2 | 3

/** Colour never stands alone: each priority has a shape and a word. */
export const prioritySymbol = { 1: '◆', 2: '▲', 3: '●' } as const

/** Over before anybody looked: the same shape, hollow. */
const returnedSymbol = { 1: '◇', 2: '△', 3: '○' } as const

export function symbolOf(alert: Alert): string {
  return (alert.state === 'rtn-unack' ? returnedSymbol : prioritySymbol)[priorityOf(alert)]
}

/** A kind that this screen does not know yet is still shown. */
export function writeKind(kind: string, text: Messages, count?: number): string {
  // Its words are about a number of points.
  if (count === undefined && kind === 'missed-windows') return text.alarms.missedWindows
  const kinds: Record<string, ((count: number) => string) | undefined> = {
    ...text.alerts.kinds,
    ...text.alarms.kinds,
  }
  return kinds[kind]?.(count ?? 1) ?? text.alerts.otherKind
}

export function priorityOf(alert: Alert): Priority {
  if (alert.priority <= 1) return 1
  return alert.priority === 2 ? 2 : 3
}

/** What happened, in a few words, and how often. */
export function writeTitle(alert: Alert, text: Messages): string {
  const title = writeKind(alert.kind, text, alert.count)
  // Missed windows say their number themselves.
  return alert.count > 1 && (alert.kind !== 'missed-windows' || alert.isParent)
    ? `${title} ×${alert.count}`
    : title
}

/** Where, and which unit. */
export function writePlace(alert: Alert, text: Messages): string {
  const parts = [alert.subject.place, alert.subject.callSign].filter(
    (part) => part !== undefined && part !== '',
  )
  return parts.length === 0 ? text.alerts.wholeCity : parts.join('・')
}

/** Who owns it. */
export function writeOwner(alert: Alert, text: Messages): string {
  if (alert.state === 'rtn-unack') return text.alarms.returnedBy
  return alert.acknowledgedBy === null ? text.alerts.noOwner : text.alerts.owner(alert.acknowledgedBy)
}

/** 40 秒, 12 分, 3 時: one figure is enough to act on. */
export function writeAge(ms: number, text: Messages): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  if (seconds < 60) return text.ages.seconds(seconds)
  if (seconds < 3_600) return text.ages.minutes(Math.floor(seconds / 60))
  if (seconds < 86_400) return text.ages.hours(Math.floor(seconds / 3_600))
  return text.ages.days(Math.floor(seconds / 86_400))
}
