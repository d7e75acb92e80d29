import type { Db } from '@patrol/db'
import { demoStation } from '@patrol/db/seed'

/** Made-up notices, so that a check-in in the demonstration has something to say. Nothing where there are notices already. */
export async function seedNotices(db: Db): Promise<void> {
  await db.$client.query(
    `insert into notice (precinct_id, station_id, title, body, priority, valid_from, created_by, created_at)
     select case when reach <> 'city' then s.precinct_id end, case when reach = 'station' then s.id end,
       title, body, priority, city_now(), o.id, city_now()
     from jsonb_to_recordset($1::jsonb) as n(reach text, title text, body text, priority smallint)
     join organisation s on s.code = $2 join officer o on o.login = 'duty'
     where not exists (select from notice)`,
    [JSON.stringify(notices), demoStation],
  )
}

const notices = [
  {
    reach: 'station',
    title: '機車竊盜增加（示範）',
    body: '近一週騎樓停放機車遭竊，請留意徘徊人車，提醒民眾加裝大鎖。',
    priority: 2,
  },
  {
    reach: 'precinct',
    title: '超商取款防詐（示範）',
    body: '見高齡民眾在提款機前久留，請主動關懷。',
    priority: 2,
  },
  { reach: 'city', title: '強風特報（示範）', body: '留意路樹與招牌，見掉落物先行警戒。', priority: 3 },
]
