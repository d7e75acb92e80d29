import { describe, expect, test } from 'vitest'
import { incidentKinds } from './incident-kinds.ts'
import { planIncidents, type Anchor, type PlannedIncident } from './plan-incidents.ts'

const anchors = Array.from({ length: 400 }, (_, nth): Anchor => ({
  lon: 120.1 + (nth % 20) * 0.01,
  lat: 22.95 + Math.floor(nth / 20) * 0.01,
  village: '示範區示範里',
  precinctId: 1 + (nth % 4),
  stationId: 10 + (nth % 4),
}))
const now = new Date('2026-11-23T04:00:00Z')
const year = planIncidents(anchors, now)
const of = (category: string) => year.filter((one) => one.category === category)
const hourOf = ({ occurredAt }: PlannedIncident) => (occurredAt.getUTCHours() + 8) % 24

describe('a made-up year of incidents', () => {
  test('is a year long, ends now, and has as many of each kind as it should', () => {
    for (const { category, perYear } of incidentKinds) expect(of(category)).toHaveLength(perYear)
    const times = year.map(({ occurredAt }) => occurredAt.getTime())
    expect(times.every((time) => time < now.getTime())).toBe(true)
    expect(times.every((time) => time > now.getTime() - 366 * 86_400_000)).toBe(true)
  })

  test('is the same again for the same city and time', () => {
    expect(planIncidents(anchors, now)).toEqual(year)
  })

  test('has hours: noise at night, accidents on the way to work', () => {
    const share = (category: string, from: number, to: number) =>
      of(category).filter((one) => hourOf(one) >= from && hourOf(one) < to).length / of(category).length
    expect(share('妨害安寧', 6, 16)).toBeLessThan(0.2)
    expect(share('交通事故', 7, 9)).toBeGreaterThan(0.12)
  })

  test('has places: its busiest tenth of the city sees far more than a tenth', () => {
    const cells = Map.groupBy(of('機車竊盜'), ({ lon, lat }) => `${lon.toFixed(2)} ${lat.toFixed(2)}`)
    const counts = [...cells.values()].map(({ length }) => length).sort((a, b) => b - a)
    const top = counts.slice(0, Math.ceil(anchors.length / 10)).reduce((sum, n) => sum + n, 0)
    expect(top / of('機車竊盜').length).toBeGreaterThan(0.35)
  })

  test('has burglaries that follow others next door within two weeks', () => {
    const burglaries = of('住宅竊盜')
    const near = burglaries.filter((one) =>
      burglaries.some((before) => {
        const days = (one.occurredAt.getTime() - before.occurredAt.getTime()) / 86_400_000
        return (
          days > 0 &&
          days <= 15 &&
          Math.hypot((one.lon - before.lon) * 102_000, (one.lat - before.lat) * 111_320) < 400
        )
      }),
    )
    expect(near.length / burglaries.length).toBeGreaterThan(0.2)
  })
})
