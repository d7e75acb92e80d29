import type { CityPlanInput, CityPlanResult, Job, PlannerChoices } from '@patrol/contract'
import type pg from 'pg'
import { setTimeout as sleep } from 'node:timers/promises'
import { round } from './percentiles.ts'

const lookMs = 500
/** As the planner asks for it. */
const settings: CityPlanInput['settings'] = {
  weights: { hotspot: 1, windows: 2, overdue: 2, campaign: 1, visibility: 1 },
  line: 'variable',
  tolerancePercent: 5,
  visitSeconds: 300,
  closed: true,
  highRiskVisits: 1,
  gapMinutes: 60,
  iterations: 400,
}

/** A grid of streets, 600 m wide, over the city of the bench: some 4,000 corners, as many as the main roads of Tainan have. */
export async function layRoads(database: pg.Pool): Promise<void> {
  await database.query(`
    insert into road (way_id, from_node, to_node, road_class, oneway, length_meters, line)
    select row_number() over (), x * 1000 + y, x2 * 1000 + y2, case when x % 5 = 0 then 'primary' else 'residential' end,
      (x * 7 + y) % 5 = 0, st_length(line::geography), line
    from generate_series(0, 63) x, generate_series(0, 63) y,
      lateral (values (x + 1, y), (x, y + 1)) to_corner(x2, y2),
      lateral (select st_setsrid(st_makeline(st_makepoint(120.04 + x * 0.006, 22.94 + y * 0.006),
        st_makepoint(120.04 + x2 * 0.006, 22.94 + y2 * 0.006)), 4326) as line) l
    where x2 < 64 and y2 < 64`)
}

export interface PlannedCity {
  units: number
  precincts: number
  stations: number
  /** How long the first plan took. */
  seconds: number
  /** How many were made, so that one is under way all the time. */
  plans: number
}

/** Plans the whole city again and again, one job after the other, until `over`; the last one is cancelled. */
export async function planUntil(origin: string, cookie: string, over: () => boolean): Promise<PlannedCity> {
  const ask = async <T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> => {
    const response = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers: { cookie, 'x-requested-with': 'patrol', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    // The shape is the contract's.
    return (await response.json()) as T
  }
  const { starts } = await ask<PlannerChoices>('GET', '/planner')
  const startsAt = starts[0]?.startsAt
  if (startsAt === undefined) throw new Error('There is no shift to plan.')
  let first: CityPlanResult | undefined
  let plans = 0
  while (first === undefined || !over()) {
    const input: CityPlanInput = { startsAt, precinctId: null, settings }
    let job = await ask<Job>('POST', '/jobs', { kind: 'routes:city', input, key: `bench ${plans}` })
    while ((job.state === 'queued' || job.state === 'running') && (first === undefined || !over())) {
      await sleep(lookMs)
      job = await ask<Job>('GET', `/jobs/${job.id}`)
    }
    if (job.state === 'failed') throw new Error(`The plan failed: ${job.error ?? ''}`)
    if (job.state !== 'done') {
      await ask('POST', `/jobs/${job.id}/cancel`, {})
      break
    }
    plans++
    first ??= job.result as CityPlanResult
  }
  if (first === undefined) throw new Error('No plan was finished.')
  const { units, precincts, stations, seconds } = first
  return { units, precincts, stations: stations.length, seconds: round(seconds, 1), plans }
}
