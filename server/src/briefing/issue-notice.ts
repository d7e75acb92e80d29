import { sql } from 'drizzle-orm'
import type { NoticeDraft, Scope } from '@patrol/contract'
import type { OpenTx, Tx } from '@patrol/db'
import { covers, type Place } from '../organisation/scope.ts'
import { appendEvents } from '../realtime/append-events.ts'
import { readableNotice } from './list-notices.ts'

interface NoticePlace extends Place {
  patrolPointId: number | null
  campaignId: number | null
}

/**
 * Issues a notice, on record in the audit. Null when there is no such place in the scope: a precinct's duty officer speaks to his
 * precinct, and only who watches the whole city speaks to the city or a campaign.
 */
export async function issueNotice(
  tx: OpenTx,
  { draft, officerId, scope, now }: { draft: NoticeDraft; officerId: number; scope: Scope; now: Date },
): Promise<number | null> {
  const place = await findPlace(tx, draft)
  if (place === null || !covers(scope, place)) return null
  const { rows } = await tx.execute<{ id: number }>(sql`
    insert into notice (precinct_id, station_id, patrol_point_id, campaign_id, title, body, priority, audience, valid_from,
      valid_to, created_by, created_at)
    values (${place.precinctId}, ${place.stationId}, ${place.patrolPointId}, ${place.campaignId}, ${draft.title.trim()},
      ${draft.body.trim()}, ${draft.priority}, ${draft.audience}, ${draft.validFrom}, ${draft.validTo}, ${officerId},
      ${now.toISOString()})
    returning id`)
  const id = rows[0]?.id
  if (id === undefined) throw new Error('The notice was not stored.')
  const { reach, placeId, priority, audience } = draft
  await tx.execute(sql`
    insert into audit (at, officer_id, action, subject, precinct_id, details)
    values (${now.toISOString()}, ${officerId}, 'notice:issued', ${`notice:${id}`}, ${place.precinctId},
      ${JSON.stringify({ reach, placeId, priority, audience })}::jsonb)`)
  await tellChange(tx, now, { id, open: true, ...place })
  return id
}

/** Ends a notice before its time. Null when the scope has no such notice to decide about; ending twice changes nothing. */
export async function endNotice(
  tx: OpenTx,
  { noticeId, officerId, scope, now }: { noticeId: number; officerId: number; scope: Scope; now: Date },
): Promise<true | null> {
  const { rows } = await tx.execute<{
    precinct_id: number | null
    station_id: number | null
    ended: boolean
  }>(sql`
    select n.precinct_id, n.station_id, n.ended_at is not null as ended from notice n
    where n.id = ${noticeId} and ${readableNotice(scope)} for update`)
  const found = rows[0]
  if (found === undefined) return null
  const place = { precinctId: found.precinct_id, stationId: found.station_id }
  if (!covers(scope, place)) return null
  if (found.ended) return true
  await tx.execute(sql`
    update notice set ended_at = ${now.toISOString()}, ended_by = ${officerId} where id = ${noticeId}`)
  await tx.execute(sql`
    insert into audit (at, officer_id, action, subject, precinct_id)
    values (${now.toISOString()}, ${officerId}, 'notice:ended', ${`notice:${noticeId}`}, ${place.precinctId})`)
  await tellChange(tx, now, { id: noticeId, open: false, ...place })
  return true
}

function tellChange(
  tx: OpenTx,
  now: Date,
  { id, open, precinctId, stationId }: Place & { id: number; open: boolean },
) {
  return appendEvents(tx, now, [{ type: 'notice:changed', precinctId, stationId, data: { id, open } }])
}

interface PlaceRow extends Record<string, unknown> {
  precinct_id: number | null
  station_id: number | null
}

/** Null where the place does not exist. */
async function findPlace(tx: Tx, { reach, placeId }: NoticeDraft): Promise<NoticePlace | null> {
  const nowhere = { precinctId: null, stationId: null, patrolPointId: null, campaignId: null }
  if (reach === 'city') return nowhere
  if (placeId === null) return null
  const query = {
    point: sql`select precinct_id, station_id from patrol_point where id = ${placeId} and retired_at is null`,
    campaign: sql`select null::int as precinct_id, null::int as station_id from campaign where id = ${placeId}`,
    station: sql`select precinct_id, id as station_id from organisation where id = ${placeId} and kind = 'station'`,
    precinct: sql`select id as precinct_id, null::int as station_id from organisation where id = ${placeId} and kind = 'precinct'`,
  }[reach]
  const row = (await tx.execute<PlaceRow>(query)).rows[0]
  if (row === undefined) return null
  return {
    precinctId: row.precinct_id,
    stationId: row.station_id,
    patrolPointId: reach === 'point' ? placeId : null,
    campaignId: reach === 'campaign' ? placeId : null,
  }
}
