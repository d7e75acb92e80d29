import type { Db } from '@patrol/db'
import type { Arrival } from './find-candidates.ts'

type Position = NonNullable<Arrival['position']>

/** Points hardly ever move; a moved one is looked up where it was for so long. */
const keptMs = 600_000

/** Puts arrivals at points where the points are. Remembers them, so that the cards need one query and not two. */
export function createPointLocator(db: Db): (arrivals: readonly Arrival[]) => Promise<Arrival[]> {
  let known = new Map<number, Position>()
  let forgetAt = 0

  return async (arrivals) => {
    if (performance.now() > forgetAt) {
      known = new Map()
      forgetAt = performance.now() + keptMs
    }
    const missing = arrivals.flatMap(({ pointId }) =>
      pointId === null || known.has(pointId) ? [] : [pointId],
    )
    if (missing.length > 0) {
      const { rows } = await db.$client.query<Position & { id: number }>({
        name: 'briefing-points',
        text: 'select id, st_x(position) as lon, st_y(position) as lat from patrol_point where id = any($1::int[])',
        values: [missing],
      })
      for (const { id, lon, lat } of rows) known.set(id, { lon, lat })
    }
    return arrivals.map((arrival) =>
      arrival.pointId === null ? arrival : { ...arrival, position: known.get(arrival.pointId) ?? null },
    )
  }
}
