import { fractionOf } from './random.ts'

export interface PlannedRule {
  patrolPointId: number
  startMinute: number
  durationMinutes: number
}

/** When windows may lie, in minutes of the day, and the share of visits: about that of the units on the street. */
const bands = [
  { from: 0, to: 360, duration: 180, share: 0.15 },
  { from: 360, to: 1_080, duration: 240, share: 0.6 },
  { from: 1_080, to: 1_440, duration: 180, share: 0.25 },
] as const

/** Of the points that are not high-risk, so many are due twice a day. */
const twiceShare = 0.38
const timesOfHighRisk = 3
const step = 15

/** The daily windows of a point: two or three for some, spread over the bands, never two at once; always the same. */
export function planWindowRules(point: { id: number; code: string; priority: number }): PlannedRule[] {
  const times =
    point.priority === 1 ? timesOfHighRisk : fractionOf(`${point.code} times`) < twiceShare ? 2 : 1
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
      }
    })
  })
}

function bandAt(fraction: number) {
  let sum = 0
  return bands.find(({ share }) => (sum += share) > fraction) ?? bands[1]
}
