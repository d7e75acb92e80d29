import type { Db } from '@patrol/db'
import type { ScoredCard } from './choose-cards.ts'
import type { Arrival, Surveyed } from './find-candidates.ts'

/** A card as it was handed out. */
export interface Shown extends ScoredCard {
  /** 1 stood on top. */
  rank: number
  arrival: Arrival
  around: Pick<Surveyed, 'unitId' | 'precinctId' | 'stationId'>
}

/** Puts on record what was shown to whom when. The same card of the same occasion a second time changes nothing. */
export async function recordReceipts(db: Db, shown: readonly Shown[]): Promise<void> {
  if (shown.length === 0) return
  await db.$client.query({
    name: 'briefing-receipts',
    text: `insert into briefing_receipt (occasion_id, kind, ref_id, officer_id, unit_id, patrol_point_id, precinct_id,
        station_id, rank, score, shown_at)
      select * from jsonb_to_recordset($1::jsonb) as r(occasion_id uuid, kind text, ref_id bigint, officer_id int, unit_id int,
        patrol_point_id int, precinct_id int, station_id int, rank smallint, score real, shown_at timestamptz)
      on conflict do nothing`,
    values: [
      JSON.stringify(
        shown.map(({ card, score, rank, arrival, around }) => ({
          occasion_id: arrival.occasionId,
          kind: card.kind,
          ref_id: card.refId,
          officer_id: arrival.officerId,
          unit_id: around.unitId,
          patrol_point_id: arrival.pointId,
          precinct_id: around.precinctId,
          station_id: around.stationId,
          rank,
          score,
          shown_at: arrival.at.toISOString(),
        })),
      ),
    ],
  })
}
