import type { Series } from '@patrol/contract'

const count = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** 6,012 in both languages. */
export function writeCount(n: number): string {
  return count.format(n)
}

/** 93%; a dash while nothing was due. Rounded down: 100% means all. */
export function writeShare(share: number | null): string {
  return share === null ? '—' : `${Math.floor(share * 100 + 1e-9)}%`
}

/** The latest hour against the same hour last week: +12, −3, ±0; null when either is not known. */
export function writeChange(series: Series): string | null {
  const last = series.values.findLast((value) => value !== null)
  if (last === undefined || last === null || series.lastWeek === null) return null
  const change = Math.round(last - series.lastWeek)
  if (change === 0) return '±0'
  return `${change > 0 ? '+' : '−'}${count.format(Math.abs(change))}`
}
