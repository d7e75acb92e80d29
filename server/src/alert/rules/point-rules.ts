import { sql } from 'drizzle-orm'
import { threshold } from '../alert-rules.ts'
import type { AlertCause } from '../raise-alert.ts'
import type { Rule } from './rule.ts'

interface PointRow extends Record<string, unknown> {
  id: number
  name: string
  precinctId: number
  stationId: number
}

function causeOf(kind: string, { id, name, precinctId, stationId }: PointRow): AlertCause {
  return {
    kind,
    dedupKey: `${kind}:${id}`,
    priority: 3,
    precinctId,
    stationId,
    subject: { place: name, pointId: id },
  }
}

/** A high-risk point whose time is over, while there is still grace to sign it. */
export const highRiskOverdue: Rule = {
  kind: 'high-risk-overdue',
  everySeconds: 30,
  async find(tx, { now }) {
    const at = now.toISOString()
    const { rows } = await tx.execute<PointRow>(sql`
      select distinct p.id, p.name, w.precinct_id as "precinctId", w.station_id as "stationId"
      from patrol_window w join patrol_point p on p.id = w.patrol_point_id
      where w.service_on >= (${at}::timestamptz at time zone 'Asia/Taipei')::date - 1 and w.state = 'grace'
        and w.ends_at <= ${at} and w.grace_ends_at > ${at} and p.priority = 1 and p.retired_at is null`)
    return rows.map((row) => causeOf('high-risk-overdue', row))
  },
}

/** A label that several officers could not read lately: typed in by hand, or only the chip's number came. */
export const failingLabel: Rule = {
  kind: 'failing-label',
  everySeconds: 600,
  async find(tx, { now, rules }) {
    const at = now.toISOString()
    const { rows } = await tx.execute<PointRow & { times: number; days: number }>(sql`
      select p.id, p.name, p.precinct_id as "precinctId", p.station_id as "stationId", bad.times,
        (extract(epoch from ${at}::timestamptz - bad.since) / 86400)::float8 as days
      from patrol_point p join (
        select patrol_point_id, count(*)::int as times, min(received_at) as since
        from check_in where received_at > ${at}::timestamptz - interval '30 days' and proof_kind in ('typed', 'uid')
          and patrol_point_id is not null
          -- A label that has been replaced since is not to blame.
          and received_at > (select coalesce(max(t.issued_at), '-infinity') from tag t
            where t.patrol_point_id = check_in.patrol_point_id and t.retired_at is null and t.revoked_at is null)
        group by 1 having count(distinct officer_id) > 1
      ) bad on bad.patrol_point_id = p.id
      where p.retired_at is null`)
    return rows
      .filter(
        (row) =>
          row.times >= threshold(rules, 'failing-label', 'times', row.precinctId) &&
          row.days <= threshold(rules, 'failing-label', 'days', row.precinctId),
      )
      .map((row) => causeOf('failing-label', row))
  },
}
