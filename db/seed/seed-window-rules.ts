import type { OpenTx } from '../transaction.ts'
import { planWindowRules } from './plan-window-rules.ts'

/** What a unit needs of a window's end to get there. */
const leastMinutes = 10

/**
 * Gives every live point without window rules its own. A rule whose window of today is nearly over begins tomorrow:
 * nobody could have been sent there. Returns how many rules are new.
 */
export async function seedWindowRules(tx: OpenTx, { now }: { now: Date }): Promise<number> {
  const { rows: points } = await tx.$client.query<{ id: number; code: string; priority: number }>(
    `select id, code, priority from patrol_point p
     where retired_at is null and not exists (select from window_rule r where r.patrol_point_id = p.id) order by id`,
  )
  const rules = points.flatMap(planWindowRules)
  const { rowCount } = await tx.$client.query(
    `insert into window_rule (patrol_point_id, start_minute, duration_minutes, weekdays, valid_from)
     select point, start, duration, weekdays,
       local::date + case when extract(hour from local) * 60 + extract(minute from local) > start + duration - ${leastMinutes} then 1 else 0 end
     from unnest($1::int[], $2::int[], $3::int[], $4::int[]) as r(point, start, duration, weekdays),
       (select $5::timestamptz at time zone 'Asia/Taipei' as local) clock`,
    [
      rules.map((rule) => rule.patrolPointId),
      rules.map((rule) => rule.startMinute),
      rules.map((rule) => rule.durationMinutes),
      rules.map((rule) => rule.weekdays),
      now.toISOString(),
    ],
  )
  return rowCount ?? 0
}
