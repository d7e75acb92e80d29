import type { Db } from '@patrol/db'

/** One spell of duty of an officer. */
export interface DutySpell {
  unitId: number
  precinctId: number
  stationId: number
  startMs: number
  endMs: number
}

export interface DutyRoster {
  /** Loads the spells of officers not known yet. */
  load(officerIds: Iterable<number>, now: Date): Promise<void>
  /** The spell an officer is in at an instant; null when off duty. */
  spellAt(officerId: number, atMs: number): DutySpell | null
}

/** A roster changed on the console is seen here after at most this long. */
const freshMs = 15_000
/** Breadcrumbs older than this are not kept anyway: personal data, short retention. */
const reach = `interval '3 days'`

/** Who is on duty when, remembered for a few seconds: breadcrumbs come by the thousand. */
export function createDutyRoster(db: Db): DutyRoster {
  const spells = new Map<number, { list: DutySpell[]; until: number }>()
  return {
    async load(officerIds, now) {
      const at = performance.now()
      const missing = [...new Set(officerIds)].filter((id) => (spells.get(id)?.until ?? 0) < at)
      if (missing.length === 0) return
      const { rows } = await db.$client.query<Row>({
        name: 'duty-spells',
        text: `select m.officer_id, u.id as unit_id, u.precinct_id, u.station_id, s.starts_at, s.ends_at
          from unit_member m join unit u on u.id = m.unit_id join shift s on s.id = u.shift_id
          where m.officer_id = any($1::int[]) and s.ends_at > $2::timestamptz - ${reach}
            and s.starts_at < $2::timestamptz + interval '1 day'`,
        values: [missing, now],
      })
      for (const id of missing) spells.set(id, { list: [], until: at + freshMs })
      for (const row of rows) {
        spells.get(row.officer_id)?.list.push({
          unitId: row.unit_id,
          precinctId: row.precinct_id,
          stationId: row.station_id,
          startMs: row.starts_at.getTime(),
          endMs: row.ends_at.getTime(),
        })
      }
    },
    spellAt(officerId, atMs) {
      const list = spells.get(officerId)?.list ?? []
      return list.find((spell) => spell.startMs <= atMs && atMs < spell.endMs) ?? null
    },
  }
}

interface Row {
  officer_id: number
  unit_id: number
  precinct_id: number
  station_id: number
  starts_at: Date
  ends_at: Date
}
