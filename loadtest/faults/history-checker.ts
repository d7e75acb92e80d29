import type { Tally, WindowState } from '@patrol/contract'
import type pg from 'pg'
import { numberOfCheckIn } from '../lib/check-in-id.ts'
import type { Boards } from '../node/boards.ts'
import type { ScreensReport } from '../node/screens-thread.ts'

export interface History {
  acknowledged: number
  stored: number
  /** Check-ins that were acknowledged and are not stored, have no event, or were not seen by a parsed screen in scope. */
  lost: number
  /** Check-ins with several rows or events, or shown more than once by a screen. */
  duplicated: number
  /** Positions missing between 1 and the head, positions given twice, and events still without one. */
  posGaps: number
  /** Parsed screens whose events, check-in count or window tallies differ from the database. */
  screensUnequal: number
  /** What was wrong, in words; the first twenty. */
  faults: string[]
}

/**
 * Holds what clients were told and what screens showed against the database, when all is quiet: acknowledged ⊆ stored, each
 * id once, positions gapless, every screen saw every event of its scope once and shows what the database holds.
 */
export async function checkHistory({
  database,
  boards,
  run,
  sent,
  screens,
  precinctIds,
}: {
  database: Pick<pg.Pool, 'query'>
  boards: Boards
  run: number
  sent: number
  /** The parsed screens: precinct 0–15, or -1 for the city; and what they say of themselves. */
  screens: (ScreensReport['screens'][number] & { precinct: number })[]
  precinctIds: number[]
}): Promise<History> {
  const faults: string[] = []
  const complain = (text: string) => faults.length < 20 && faults.push(text)

  const stored = await countByNumber(database, 'select id::text as id from check_in', run, sent)
  const events = await countByNumber(
    database,
    `select data->>'id' as id from event where type = 'check-in:recorded'`,
    run,
    sent,
  )
  const history = { acknowledged: 0, stored: 0, lost: 0, duplicated: 0 }
  for (let number = 0; number < sent; number++) {
    const acknowledged = !Number.isNaN(boards.ackedAt[number] ?? NaN)
    const rows = stored[number] ?? 0
    const told = events[number] ?? 0
    const shown = screens.flatMap(({ precinct }, screen) =>
      precinct === -1 || precinct === boards.precinct[number]
        ? [boards.seen[screen * boards.checkIns + number] ?? 0]
        : [],
    )
    history.stored += rows
    if (acknowledged) history.acknowledged++
    const unseen = shown.filter((times) => times === 0).length
    if (acknowledged && (rows === 0 || told === 0 || unseen > 0)) {
      history.lost++
      complain(
        `check-in ${number}: ${rows} rows, ${told} events, unseen by ${unseen} of ${shown.length} screens`,
      )
    }
    if (rows > 1 || told > 1 || shown.some((times) => times > 1)) {
      history.duplicated++
      complain(`check-in ${number}: ${rows} rows, ${told} events, shown at most ${Math.max(...shown)} times`)
    }
  }

  const posGaps = await countGaps(database)
  if (posGaps > 0) complain(`${posGaps} positions are missing, doubled or not given`)
  let screensUnequal = 0
  for (const [nr, screen] of screens.entries()) {
    const precinctId = screen.precinct === -1 ? null : (precinctIds[screen.precinct] ?? 0)
    const difference = await compareScreen(database, { nr, precinctId, ...screen }, boards)
    if (difference === null) continue
    screensUnequal++
    complain(`screen ${nr}: ${difference}`)
  }
  return { ...history, posGaps, screensUnequal, faults }
}

async function countByNumber(
  database: Pick<pg.Pool, 'query'>,
  text: string,
  run: number,
  sent: number,
): Promise<Uint8Array> {
  const counts = new Uint8Array(sent)
  const { rows } = await database.query<{ id: string }>(text)
  for (const { id } of rows) {
    const number = numberOfCheckIn(id, run)
    if (number >= 0 && number < sent) counts[number] = (counts[number] ?? 0) + 1
  }
  return counts
}

async function countGaps(database: Pick<pg.Pool, 'query'>): Promise<number> {
  const { rows } = await database.query<{ gaps: number }>(
    `select (coalesce(max(e.pos), 0) - count(distinct e.pos) + count(*) - count(distinct e.pos)
        + abs((select pos from event_head) - coalesce(max(e.pos), 0)) + (select count(*) from outbox))::int as gaps
     from event e`,
  )
  return rows[0]?.gaps ?? 0
}

interface ShownScreen {
  nr: number
  precinctId: number | null
  tallies: Record<string, Tally>
  serviceOn: string
}

/** What differs, in words; null when nothing does. */
async function compareScreen(
  database: Pick<pg.Pool, 'query'>,
  { nr, precinctId, tallies, serviceOn }: ShownScreen,
  boards: Boards,
): Promise<string | null> {
  const { rows } = await database.query<{ events: number; sum: number; check_ins: number }>(
    `select count(*)::int as events, coalesce(sum(pos), 0)::float8 as sum,
       (select count(*)::int from check_in where $2::int is null or precinct_id = $2) as check_ins
     from event where pos > $1 and ($2::int is null or precinct_id = $2)`,
    [boards.startPos[nr], precinctId],
  )
  const right = rows[0]
  if (right === undefined) throw new Error('The event log did not answer.')
  const shown = { events: boards.events[nr], sum: boards.posSum[nr], check_ins: boards.shownCheckIns[nr] }
  for (const key of ['events', 'sum', 'check_ins'] as const) {
    if (shown[key] !== right[key]) return `${key}: shows ${shown[key]}, the database has ${right[key]}`
  }
  const windows = await database.query<{ precinct_id: number; state: WindowState; n: number }>(
    `select precinct_id, state, count(*)::int as n from patrol_window
     where service_on = $1 and ($2::int is null or precinct_id = $2) group by 1, 2`,
    [serviceOn, precinctId],
  )
  const counted = windows.rows.reduce((all, { precinct_id, state, n }) => {
    return all + (tallies[precinct_id]?.[state] === n ? n : NaN)
  }, 0)
  const total = Object.values(tallies).reduce(
    (all, tally) => all + Object.values(tally).reduce((sum, n) => sum + n, 0),
    0,
  )
  return counted === total ? null : `window tallies of ${serviceOn} differ`
}
