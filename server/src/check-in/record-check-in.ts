import type { CheckIn, CheckInReceipt } from '@patrol/contract'
import { inTransaction, type Db, type OpenTx } from '@patrol/db'
import { raiseCheckInAlerts } from '../alert/raise-check-in-alerts.ts'
import { appendEvents } from '../realtime/append-events.ts'
import { writeJsonb } from '../unusable.ts'
import { settleWindows } from '../window/settle-windows.ts'
import { insertRows } from './insert-rows.ts'
import { judgeScans, prepareScans, type Scan } from './judge-scans.ts'
import type { CheckInKeys } from './read-proof.ts'
import { rejudgeNeighbours } from './rejudge.ts'
import { prepareContext } from './scan-context.ts'
import { summarise } from './summarise.ts'
import { settleEndedWatches } from './watch/settle-watches.ts'

export interface Submission {
  checkIns: readonly CheckIn[]
  /** Whose log-in brings them. */
  officerId: number
  receivedAt: Date
  clockSpeed: number
}

/**
 * Stores check-ins once each, with their verdicts, the windows they settle and the events they make, in one transaction;
 * returns when it is committed. A repeated id gets the first verdict again. Same order as the input, by submission.
 */
export async function recordCheckIns(
  db: Db,
  keys: CheckInKeys,
  submissions: readonly Submission[],
): Promise<CheckInReceipt[][]> {
  const now = new Date(Math.max(...submissions.map(({ receivedAt }) => receivedAt.getTime())))
  const prepared = prepareScans(
    keys,
    submissions.flatMap(({ checkIns, officerId, receivedAt, clockSpeed }) =>
      checkIns.map((checkIn) => ({ checkIn, uploadedBy: officerId, receivedAt, clockSpeed })),
    ),
  )
  const work = async (tx: OpenTx, begun: unknown[]) => {
    const scans = judgeScans(begun, prepared)
    const added = await insertRows(
      tx,
      scans.map(({ row }) => row),
    )
    // The same id twice in one batch is one check-in, too: each added id is taken once.
    const fresh = new Set(scans.filter((scan) => added.delete(scan.row.id)))
    const repeated = scans.filter((scan) => !fresh.has(scan))
    await settleEndedWatches(
      tx,
      [...fresh].map(({ row }) => row),
    )

    await settleWindows(
      tx,
      [...fresh].flatMap(({ row }) =>
        row.fulfils === 'yes' && row.patrol_point_id !== null
          ? [{ pointId: row.patrol_point_id, checkedInAt: new Date(row.checked_in_at) }]
          : [],
      ),
      now,
    )
    const summaries = [...fresh].map(({ row, context }) => summarise(row, context))
    await appendEvents(
      tx,
      now,
      summaries.map((data) => ({
        type: 'check-in:recorded' as const,
        precinctId: data.precinctId,
        stationId: data.stationId,
        at: data.receivedAt,
        data,
      })),
    )
    await raiseCheckInAlerts(
      tx,
      now,
      [...fresh].map(({ row, context }) => ({ ...summarise(row, context), deviceId: row.device_id })),
    )
    await rejudgeNeighbours(tx, keys, [...fresh], now)
    const first = await keepRepeats(tx, repeated)
    const receipts = scans.map(
      (scan) => (fresh.has(scan) ? undefined : first.get(scan.row.id)) ?? receiptOf(scan),
    )
    return submissions.map(({ checkIns }) => receipts.splice(0, checkIns.length))
  }
  return inTransaction(db, work, { begin: `begin; ${prepared.beginning}`, prepare: prepareContext })
}

interface FirstRow {
  id: string
  officer_id: number
  verdict: CheckInReceipt['verdict']
  fulfils: CheckInReceipt['fulfils']
  reasons: CheckInReceipt['reasons']
  checked_in_at: Date
  received_at: Date
  content_hash: Buffer
  watch: CheckInReceipt['watch'] | null
  point_id: number | null
  code: string | null
  name: string | null
  watch_minutes: number | null
}

/** The first verdicts of repeated ids. One with other content is kept beside the first, for a person to look at. */
async function keepRepeats(tx: OpenTx, repeated: readonly Scan[]): Promise<Map<string, CheckInReceipt>> {
  if (repeated.length === 0) return new Map()
  const { rows } = await tx.$client.query<FirstRow>({
    name: 'first-check-ins',
    text: `select c.id, c.officer_id, verdict, fulfils, reasons, checked_in_at, received_at, content_hash, watch,
        p.id as point_id, p.code, p.name, p.watch_minutes
      from check_in c left join patrol_point p on p.id = c.patrol_point_id where c.id = any($1::uuid[])`,
    values: [repeated.map((scan) => scan.row.id)],
  })
  const first = new Map(rows.map((row) => [row.id, row]))
  const conflicts = repeated.filter(
    ({ row }) => `\\x${first.get(row.id)?.content_hash.toString('hex')}` !== row.content_hash,
  )
  if (conflicts.length > 0) {
    await tx.$client.query(
      `insert into check_in_conflict (check_in_id, officer_id, received_at, raw, content_hash)
       select (c->>'id')::uuid, (c->>'sent_by')::int, (c->>'received_at')::timestamptz, c->'raw',
         (c->>'content_hash')::bytea
       from jsonb_array_elements($1::jsonb) c on conflict do nothing`,
      [writeJsonb(conflicts.map(({ row }) => ({ ...row, sent_by: row.uploaded_by })))],
    )
  }
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: row.id,
        stored: true as const,
        verdict: row.verdict,
        fulfils: row.fulfils,
        reasons: row.reasons,
        point:
          row.point_id === null
            ? null
            : {
                id: row.point_id,
                code: row.code ?? '',
                name: row.name ?? '',
                ...(row.watch_minutes === null ? {} : { watchMinutes: row.watch_minutes }),
              },
        ...(row.watch ? { watch: row.watch } : {}),
        checkedInAt: row.checked_in_at.toISOString(),
        receivedAt: row.received_at.toISOString(),
        repeated: true,
      },
    ]),
  )
}

function receiptOf({ row, context }: Scan): CheckInReceipt {
  return {
    id: row.id,
    stored: true,
    verdict: row.verdict,
    fulfils: row.fulfils,
    reasons: row.reasons,
    point:
      context.pointId === null
        ? null
        : {
            id: context.pointId,
            code: context.pointCode ?? '',
            name: context.pointName ?? '',
            ...(context.watchMinutes === null ? {} : { watchMinutes: context.watchMinutes }),
          },
    ...(row.watch === null ? {} : { watch: row.watch }),
    checkedInAt: row.checked_in_at,
    receivedAt: row.received_at,
    repeated: false,
  }
}
