import { fractionOf } from './random.ts'

export interface PlannedRule {
  patrolPointId: number
  startMinute: number
  durationMinutes: number
  /** Monday is the lowest of seven bits. */
  weekdays: number
}

/** When windows may lie, in minutes of the day, and the share of visits: about that of the units on the street. */
const bands = [
  { from: 0, to: 360, duration: 180, share: 0.15 },
  { from: 360, to: 1_080, duration: 240, share: 0.6 },
  { from: 1_080, to: 1_440, duration: 180, share: 0.25 },
] as const

/** Some 6,100 windows a day for 7,791 points: with what is missed and what is scanned unasked, the 6,000 check-ins of the police. */
const daysOfPriority: Record<number, number> = { 1: 7, 2: 4, 3: 3 }
const timesOfHighRisk = 3
const step = 15

/**
 * The windows of a point, always the same: three a day where the risk is high, spread over the bands and never two at once; for
 * the others one on some days of the week.
 */
export function planWindowRules(point: { id: number; code: string; priority: number }): PlannedRule[] {
  const times = point.priority === 1 ? timesOfHighRisk : 1
  const weekdays = pickWeekdays(daysOfPriority[point.priority] ?? 7, fractionOf(`${point.code} days`))
  const start = fractionOf(`${point.code} band`)
  const chosen = Array.from({ length: times }, (_, nth) => bandAt((start + nth / times) % 1))
  return [...Map.groupBy(chosen, (band) => band)].flatMap(([band, same]) => {
    // Windows in the same band share it out, so that one visit cannot do for two.
    const room = (band.to - band.from) / same.length
    const duration = Math.min(band.duration, Math.floor(room / step) * step)
    const places = Math.floor((room - duration) / step) + 1
    return same.map((_, nth) => {
      const place = Math.floor(fractionOf(`${point.code} ${band.from} ${nth}`) * places)
      return {
        patrolPointId: point.id,
        startMinute: band.from + Math.floor((nth * room) / step) * step + place * step,
        durationMinutes: duration,
        weekdays,
      }
    })
  })
}

/** So many days of the week, apart from each other, beginning anywhere: each day is as busy as the next. */
function pickWeekdays(count: number, fraction: number): number {
  const first = Math.floor(fraction * 7)
  const days = Array.from({ length: count }, (_, nth) => (first + Math.floor((nth * 7) / count)) % 7)
  return days.reduce((bits, day) => bits | (1 << day), 0)
}

function bandAt(fraction: number) {
  let sum = 0
  return bands.find(({ share }) => (sum += share) > fraction) ?? bands[1]
}
