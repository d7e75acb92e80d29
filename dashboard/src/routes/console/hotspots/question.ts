import type { HotspotFacts, HotspotMapInput } from '@patrol/contract'

export type Source = HotspotFacts['sources'][number]

const dayMs = 86_400_000
const moveDay = (day: string, days: number) =>
  new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10)

/** Days from the first to the last, both counted. */
export const countDays = (from: string, to: string) =>
  Math.round((Date.parse(to) - Date.parse(from)) / dayMs) + 1

/** The last `days` days of the data, or all of them: old registers end long before today. */
export function lastDays(source: Source, days: number | null): { from: string; to: string } {
  if (days === null) return { from: source.from, to: source.to }
  const from = moveDay(source.to, 1 - days)
  return { from: from < source.from ? source.from : from, to: source.to }
}

/** The period of the same length just before. */
export function periodBefore({ from, to }: { from: string; to: string }): { from: string; to: string } {
  const days = countDays(from, to)
  return { from: moveDay(from, -days), to: moveDay(from, -1) }
}

export const isUsable = (input: HotspotMapInput) =>
  input.from !== '' && input.to !== '' && input.from <= input.to

type Theme = Pick<HotspotMapInput, 'source' | 'categories'>

/** Whether both are about the same kinds of cases, in whatever order they were chosen. */
export const isSameTheme = (one: Theme, other: Theme) =>
  one.source === other.source &&
  one.categories.length === other.categories.length &&
  one.categories.every((category) => other.categories.includes(category))

type Answer = Theme & Pick<HotspotMapInput, 'from' | 'to' | 'permutations'>

/** Whether a map answers this question: of what the page lets one choose. */
export const isAnswerTo = (map: Answer, question: Answer) =>
  isSameTheme(map, question) &&
  map.from === question.from &&
  map.to === question.to &&
  map.permutations === question.permutations
