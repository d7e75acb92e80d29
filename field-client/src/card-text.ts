import type { BriefingCard } from '@patrol/contract'
import { t } from './preferences.svelte.ts'
import { showDistance } from './time.ts'

const directions = ['n', 'ne', 'e', 'se', 's', 'sw', 'w', 'nw'] as const

/** The headline: what. */
export function cardTitle({ kind, title }: BriefingCard): string {
  if (kind !== 'report') return title
  return t(title === 'traffic' ? 'card.report.traffic' : 'card.report.suspicious')
}

/** Where, when and how often, in a few words each. */
export function cardFacts(card: BriefingCard, serverNow: number): string[] {
  const { distanceMeters, bearingDegrees, similarCount, sameHours, open, reach, lastAnswer } = card
  const direction = directions[Math.round((bearingDegrees ?? 0) / 45) % 8] ?? 'n'
  const near = distanceMeters !== null && distanceMeters < 15
  return [
    ...(open ? [t('card.open')] : []),
    ...(distanceMeters === null
      ? []
      : [near ? t('card.here') : `${t(`card.direction.${direction}`)} ${showDistance(distanceMeters)}`]),
    ...(card.kind === 'notice' ? [] : [showAgo(serverNow - Date.parse(card.at))]),
    ...(similarCount > 1 ? [t('card.similar', { n: similarCount })] : []),
    ...(sameHours ? [t('card.same-hours')] : []),
    ...(reach === null ? [] : [t(`card.reach.${reach}`)]),
    ...(lastAnswer === null ? [] : [t('card.colleague', { answer: t(`card.answer.${lastAnswer.answer}`) })]),
  ]
}

function showAgo(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000))
  if (minutes < 60) return t('time.minutes', { n: minutes })
  if (minutes < 48 * 60) return t('time.hours', { n: Math.round(minutes / 60) })
  return t('card.days', { n: Math.round(minutes / 1_440) })
}
