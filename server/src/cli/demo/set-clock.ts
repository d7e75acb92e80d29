import type { Db } from '@patrol/db'

/**
 * Sets how fast the city's clock runs. At 1 it is the real one again.
 * @returns by how many milliseconds the city's time jumped back: what happened ahead of the real time lies in the future then
 */
export async function setClock(db: Db, speed: number): Promise<{ jumpedBackMs: number }> {
  if (speed === 1) {
    const { rows } = await db.$client.query<{ ahead: number }>(
      'select extract(epoch from city_now() - clock_timestamp())::float8 * 1000 as ahead',
    )
    await db.$client.query('delete from clock')
    // A place of the future would hide where the unit is now.
    await db.$client.query('delete from unit_position where recorded_at > clock_timestamp()')
    return { jumpedBackMs: Math.max(0, rows[0]?.ahead ?? 0) }
  }
  // The city goes on from where its clock stood when it last ran fast, or from now.
  await db.$client.query(
    `insert into clock (id, real_at, city_at, speed) values (1, clock_timestamp(), city_now(), $1)
     on conflict (id) do update set real_at = clock_timestamp(), city_at = city_now(), speed = $1`,
    [speed],
  )
  return { jumpedBackMs: 0 }
}

export async function readCityTime(db: Db): Promise<Date> {
  const { rows } = await db.$client.query<{ now: Date }>('select city_now() as now')
  const row = rows[0]
  if (row === undefined) throw new Error('The database told no time.')
  return row.now
}
