import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { Boards } from './boards.ts'

/** What a screen must have reached: by precinct index, and for the whole city at -1. */
export type Targets = Map<number, number>

/** How many events there are by now, with or without a position. */
export async function countEvents(database: Pick<pg.Pool, 'query'>): Promise<number> {
  const { rows } = await database.query<{ head: number }>(
    'select (pos + (select count(*) from outbox))::float8 as head from event_head',
  )
  return rows[0]?.head ?? 0
}

/** The last position that each scope may see up to `head`; null while the relay has not come so far. */
export async function findTargets(
  database: Pick<pg.Pool, 'query'>,
  precinctIds: readonly number[],
  head: number,
): Promise<Targets | null> {
  const { rows } = await database.query<{ reached: boolean; precinct_id: number | null; pos: number }>(
    `select h.pos >= $1 as reached, p.id as precinct_id,
       coalesce((select pos from event where precinct_id = p.id and pos <= $1 order by pos desc limit 1), 0)::float8 as pos
     from event_head h, unnest($2::int[]) p(id)`,
    [head, precinctIds],
  )
  if (rows[0]?.reached !== true) return null
  const byId = new Map(rows.map((row) => [row.precinct_id, row.pos]))
  return new Map([[-1, head], ...precinctIds.map((id, nr): [number, number] => [nr, byId.get(id) ?? 0])])
}

/** Screens that are cut off or have not reached their target. */
export function countBehind(
  boards: Boards,
  screens: readonly { precinct: number }[],
  targets: Targets,
): number {
  return screens.filter(
    ({ precinct }, nr) => boards.live[nr] !== 1 || (boards.pos[nr] ?? -1) < (targets.get(precinct) ?? 0),
  ).length
}

/**
 * Waits until every parsed screen is connected and has everything that is committed by now.
 * @returns how many have not, when the time is up
 */
export async function waitForScreens(
  database: Pick<pg.Pool, 'query'>,
  boards: Boards,
  screens: readonly { precinct: number }[],
  precinctIds: readonly number[],
  withinMs = 60_000,
): Promise<number> {
  const deadline = Date.now() + withinMs
  const head = await countEvents(database)
  let targets: Targets | null = null
  for (;;) {
    targets ??= await findTargets(database, precinctIds, head)
    const behind = targets === null ? screens.length : countBehind(boards, screens, targets)
    if (behind === 0 || Date.now() > deadline) return behind
    await sleep(10)
  }
}
