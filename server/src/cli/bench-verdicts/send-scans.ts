import type { CheckIn, CheckInAnswers } from '@patrol/contract'
import { createRandom } from '../../route/random.ts'
import { at } from './build-check-in.ts'
import { positionOf, type BenchCity } from './build-city.ts'
import type { Plan } from './plan.ts'

const phonesAtOnce = 8
const largestBatch = 10

/**
 * Sends everything through the public doors in an order of its own for each seed: check-ins alone and in batches, tracks
 * before or after what they support. Replays come in a second round. Every answer must say `stored`.
 */
export async function sendScans(
  origin: string,
  plan: Plan,
  city: BenchCity,
  checkIns: readonly CheckIn[],
  { startMs, seed }: { startMs: number; seed: number },
): Promise<void> {
  const random = createRandom(seed)
  const shuffle = <T>(list: T[]): T[] => {
    for (let nr = list.length - 1; nr > 0; nr--) {
      const other = random.below(nr + 1)
      ;[list[nr], list[other]] = [at(list, other), at(list, nr)]
    }
    return list
  }
  const uploads = (second: boolean) =>
    [...Map.groupBy(plan.scans.keys(), (nr) => at(plan.scans, nr).uploader)].flatMap(
      ([uploader, numbers]) => {
        const mine = shuffle(numbers.filter((nr) => at(plan.scans, nr).second === second))
        const batches: (() => Promise<void>)[] = []
        while (mine.length > 0) {
          const batch = mine.splice(0, 1 + random.below(largestBatch)).map((nr) => at(checkIns, nr))
          batches.push(() => sendCheckIns(origin, at(city.officers, uploader).token, batch))
        }
        return batches
      },
    )
  const tracks = plan.tracks.map(({ officer, crumbs }) => () => {
    const breadcrumbs = crumbs.map(({ ms, accuracy, ...spot }) => ({
      ...positionOf(spot),
      accuracyMeters: accuracy,
      recordedAt: new Date(startMs + ms).toISOString(),
    }))
    return sendTrack(origin, at(city.officers, officer).token, breadcrumbs)
  })
  await runAll(shuffle([...uploads(false), ...tracks]))
  await runAll(shuffle(uploads(true)))
}

async function runAll(tasks: (() => Promise<void>)[]): Promise<void> {
  const work = async () => {
    for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) await task()
  }
  await Promise.all(Array.from({ length: phonesAtOnce }, work))
}

async function sendCheckIns(origin: string, token: string, checkIns: readonly CheckIn[]): Promise<void> {
  const { results } = await post<CheckInAnswers>(`${origin}/api/v1/check-ins`, token, { checkIns })
  const lost = results.find((result) => !('stored' in result))
  if (lost !== undefined || results.length !== checkIns.length) {
    throw new Error(`A check-in was not stored: ${JSON.stringify(lost)}`)
  }
}

async function sendTrack(origin: string, token: string, breadcrumbs: readonly object[]): Promise<void> {
  if (breadcrumbs.length === 0) return
  const { offDuty } = await post<{ offDuty: number }>(`${origin}/api/v1/breadcrumbs`, token, { breadcrumbs })
  if (offDuty > 0) throw new Error('A breadcrumb was dropped as off duty: the bench is wrong.')
}

/** The one cast: the doors answer with their contract, and a wrong answer shows in what is counted. */
async function post<T>(url: string, token: string, body: object): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      cookie: `patrol=${token}`,
      'x-requested-with': 'bench',
    },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}
