import type { AlertPerformance } from '@patrol/contract'
import type { Messages } from '../../../lib/messages.ts'

export interface TargetRow {
  label: string
  value: string
  target: string
  /** Null where nothing was there to judge. */
  isMet: boolean | null
}

/** "About": a share may be so many percent points off. */
const tolerance = 10

/** Each measure beside its target, in words. */
export function judgeTargets(measured: AlertPerformance, t: Messages): TargetRow[] {
  const texts = t.alarms.performance
  const { targets, priorityShares } = measured
  const one = (n: number) => n.toFixed(n < 10 ? 1 : 0)
  const isAbout = priorityShares.every(
    (share, i) => share !== null && Math.abs(share - (targets.priorityShares[i] ?? 0)) <= tolerance,
  )
  return [
    {
      label: texts.mean,
      value: one(measured.meanPerTenMinutes),
      target: texts.atMost(targets.meanPerTenMinutes),
      isMet: measured.meanPerTenMinutes <= targets.meanPerTenMinutes,
    },
    {
      label: texts.peak,
      value: one(measured.peakPerTenMinutes),
      target: texts.atMost(targets.peakPerTenMinutes),
      isMet: measured.peakPerTenMinutes <= targets.peakPerTenMinutes,
    },
    {
      label: texts.chattering,
      value: String(measured.chattering),
      target: String(targets.chattering),
      isMet: measured.chattering <= targets.chattering,
    },
    {
      label: texts.standing,
      value: String(measured.standing),
      target: texts.fewer(targets.standing),
      isMet: measured.standing < targets.standing,
    },
    {
      label: texts.shares,
      value: priorityShares.map((share) => (share === null ? '—' : String(Math.round(share)))).join(' / '),
      target: texts.about5,
      isMet: measured.rows === 0 ? null : isAbout,
    },
  ]
}
