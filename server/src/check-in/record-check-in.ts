import { createHash } from 'node:crypto'
import type { CheckIn, CheckInReceipt, CheckInSummary } from '@patrol/contract'
import { inTransaction, type Db, type OpenTx } from '@patrol/db'
import { raiseCheckInAlerts } from '../alert/raise-check-in-alerts.ts'
import { appendEvents } from '../realtime/append-events.ts'
import { toReal, writeJsonb } from '../unusable.ts'
import { settleWindows } from '../window/settle-windows.ts'
import { readBeacon } from './beacon.ts'
import { judgeCheckIn, type Judgement, type Neighbour, type ScanFacts } from './judge-check-in.ts'
import { parseTypedCode, verifyQr } from './proof/signed-qr.ts'
import { findScanContext, type ScanContext } from './scan-context.ts'

/** What recording needs besides the database. */
export interface CheckInKeys {
  tagKeys: ReadonlyMap<number, Buffer>
  serverKey: Buffer
}

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
  return inTransaction(db, async (tx) => {
    const scans = await judgeAll(tx, keys, submissions)
    const added = await insertScans(tx, scans)
    // The same id twice in one batch is one check-in, too: each added id is taken once.
    const fresh = new Set(scans.filter((scan) => added.delete(scan.row.id)))
    const repeated = scans.filter((scan) => !fresh.has(scan))

    await settleWindows(
      tx,
      [...fresh].flatMap(({ row }) =>
        row.fulfils === 'yes' && row.patrol_point_id !== null
          ? [{ pointId: row.patrol_point_id, checkedInAt: new Date(row.checked_in_at) }]
          : [],
      ),
      now,
    )
    const summaries = [...fresh].map(summarise)
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
    await raiseCheckInAlerts(tx, now, summaries)
    const first = await keepRepeats(tx, repeated)
    return submissions.map((submission) =>
      scans
        .filter((scan) => scan.submission === submission)
        .map((scan) => (fresh.has(scan) ? undefined : first.get(scan.row.id)) ?? receiptOf(scan)),
    )
  })
}

/** A scan with its verdict; `row` has the columns of `check_in`. */
interface Scan {
  submission: Submission
  row: CheckInRow
  context: ScanContext
  judgement: Judgement
}

interface CheckInRow {
  id: string
  officer_id: number
  unit_id: number | null
  patrol_point_id: number | null
  tag_id: number | null
  precinct_id: number
  station_id: number | null
  proof_kind: 'qr' | 'typed' | 'sun' | 'uid'
  act: CheckIn['act']
  role: CheckIn['role']
  claimed_at: string
  received_at: string
  checked_in_at: string
  position: string | null
  accuracy_meters: number | null
  distance_meters: number | null
  verdict: Judgement['verdict']
  fulfils: Judgement['fulfils']
  reasons: Judgement['reasons']
  work_note: string | null
  raw: CheckIn
  content_hash: string
}

async function judgeAll(tx: OpenTx, keys: CheckInKeys, submissions: readonly Submission[]): Promise<Scan[]> {
  const read = submissions.flatMap((submission) =>
    submission.checkIns.map((checkIn) => ({ submission, checkIn, ...readProof(checkIn, keys) })),
  )
  const contexts = await findScanContext(
    tx,
    read.map(({ submission, checkIn, opaqueId }) => ({
      opaqueId,
      officerId: checkIn.officerId ?? submission.officerId,
      at: new Date(Math.min(Date.parse(checkIn.checkedInAt), submission.receivedAt.getTime())),
    })),
  )
  // In the order of the claimed times, so that each scan is also held against the one before it in the same batch.
  const order = read
    .map((one, index) => ({ one, context: contexts[index], index }))
    .sort((a, b) => Date.parse(a.one.checkIn.checkedInAt) - Date.parse(b.one.checkIn.checkedInAt))
  const latest = new Map<number, Neighbour>()
  const scans: Scan[] = []
  for (const { one, context, index } of order) {
    if (context === undefined) throw new Error('A scan came back without its context.')
    const { submission } = one
    const { receivedAt } = submission
    const officerId = context.officerKnown
      ? (one.checkIn.officerId ?? submission.officerId)
      : submission.officerId
    const facts: ScanFacts = {
      ...context,
      checkIn: one.checkIn,
      receivedAt,
      clockSpeed: submission.clockSpeed,
      beaconMs: one.beaconMs,
      proof: one.proof,
      scannedKeyVersion: one.keyVersion,
      courier: officerId !== submission.officerId,
      previous: later(context.previous, latest.get(officerId) ?? null),
    }
    const judgement = judgeCheckIn(facts)
    if (context.point !== null && judgement.verdict !== 'rejected') {
      const { lon, lat, radiusMeters } = context.point
      latest.set(officerId, { lon, lat, radiusMeters, at: judgement.checkedInAt })
    }
    const row = toRow(one.checkIn, officerId, receivedAt, context, judgement)
    scans[index] = { submission, row, context, judgement }
  }
  return scans
}

function later(a: Neighbour | null, b: Neighbour | null): Neighbour | null {
  if (a === null || b === null) return a ?? b
  return a.at > b.at ? a : b
}

type ReadProof = Pick<ScanFacts, 'proof' | 'beaconMs'> & {
  opaqueId: bigint | null
  keyVersion: number | null
}

function readProof({ proof, clock }: CheckIn, keys: CheckInKeys): ReadProof {
  const beaconMs = clock.beacon === null ? null : readBeacon(clock.beacon.token, keys.serverKey)
  if (proof.kind === 'typed') {
    const opaqueId = parseTypedCode(proof.code)
    return {
      proof: opaqueId === null ? 'malformed-proof' : 'typed-code',
      opaqueId,
      keyVersion: null,
      beaconMs,
    }
  }
  const result = verifyQr(proof.code, keys.tagKeys)
  return result.kind === 'proof-qr'
    ? { proof: 'proof-qr', opaqueId: result.opaqueId, keyVersion: result.keyVersion, beaconMs }
    : { proof: result.kind, opaqueId: null, keyVersion: null, beaconMs }
}

function toRow(
  checkIn: CheckIn,
  officerId: number,
  receivedAt: Date,
  context: ScanContext,
  judgement: Judgement,
): CheckInRow {
  const { position } = checkIn
  return {
    id: checkIn.id.toLowerCase(),
    officer_id: officerId,
    unit_id: context.unitId,
    patrol_point_id: context.pointId,
    tag_id: context.tagId,
    precinct_id: context.point?.precinctId ?? context.officerPrecinctId ?? 0,
    station_id: context.point?.stationId ?? context.officerStationId,
    proof_kind: checkIn.proof.kind,
    act: checkIn.act,
    role: checkIn.role,
    claimed_at: new Date(checkIn.checkedInAt).toISOString(),
    received_at: receivedAt.toISOString(),
    checked_in_at: judgement.checkedInAt.toISOString(),
    position: position === null ? null : `SRID=4326;POINT(${position.lon} ${position.lat})`,
    accuracy_meters: toReal(position?.accuracyMeters),
    distance_meters: judgement.distanceMeters,
    verdict: judgement.verdict,
    fulfils: judgement.fulfils,
    reasons: judgement.reasons,
    work_note: checkIn.workNote?.text ?? checkIn.workNote?.kind ?? null,
    raw: checkIn,
    content_hash: `\\x${hashContent(checkIn)}`,
  }
}

/** Two submissions are the same check-in when they say the same, however their keys are ordered. */
function hashContent(checkIn: CheckIn): string {
  return createHash('sha256')
    .update(JSON.stringify(sortKeys(checkIn)))
    .digest('hex')
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  )
}

/** Inserts by id; who was there first stays. Returns the ids that are new. In id order, so that two batches cannot deadlock. */
async function insertScans(tx: OpenTx, scans: readonly Scan[]): Promise<Set<string>> {
  const rows = scans.map((scan) => scan.row).sort((a, b) => (a.id < b.id ? -1 : 1))
  const { rows: added } = await tx.$client.query<{ id: string }>({
    name: 'insert-check-ins',
    text: `insert into check_in (${insertColumns})
      select ${insertColumns} from jsonb_to_recordset($1::jsonb) as row(
        id uuid, officer_id int, unit_id int, patrol_point_id int, tag_id int, precinct_id int, station_id int,
        proof_kind text, act text, role text, claimed_at timestamptz, received_at timestamptz, checked_in_at timestamptz,
        position geometry, accuracy_meters real, distance_meters real, verdict text, fulfils text, reasons jsonb,
        work_note text, raw jsonb, content_hash bytea)
      on conflict (id) do nothing returning id`,
    values: [writeJsonb(rows)],
  })
  return new Set(added.map((row) => row.id))
}

const insertColumns = `id, officer_id, unit_id, patrol_point_id, tag_id, precinct_id, station_id, proof_kind, act, role,
  claimed_at, received_at, checked_in_at, position, accuracy_meters, distance_meters, verdict, fulfils, reasons,
  work_note, raw, content_hash`

interface FirstRow {
  id: string
  officer_id: number
  verdict: CheckInReceipt['verdict']
  fulfils: CheckInReceipt['fulfils']
  reasons: CheckInReceipt['reasons']
  checked_in_at: Date
  received_at: Date
  content_hash: Buffer
  point_id: number | null
  code: string | null
  name: string | null
}

/** The first verdicts of repeated ids. One with other content is kept beside the first, for a person to look at. */
async function keepRepeats(tx: OpenTx, repeated: readonly Scan[]): Promise<Map<string, CheckInReceipt>> {
  if (repeated.length === 0) return new Map()
  const { rows } = await tx.$client.query<FirstRow>({
    name: 'first-check-ins',
    text: `select c.id, c.officer_id, verdict, fulfils, reasons, checked_in_at, received_at, content_hash,
        p.id as point_id, p.code, p.name
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
      [writeJsonb(conflicts.map(({ row, submission }) => ({ ...row, sent_by: submission.officerId })))],
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
          row.point_id === null ? null : { id: row.point_id, code: row.code ?? '', name: row.name ?? '' },
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
        : { id: context.pointId, code: context.pointCode ?? '', name: context.pointName ?? '' },
    checkedInAt: row.checked_in_at,
    receivedAt: row.received_at,
    repeated: false,
  }
}

function summarise({ row, context }: Scan): CheckInSummary {
  return {
    id: row.id,
    pointId: row.patrol_point_id,
    pointName: context.pointName,
    unitId: row.unit_id,
    callSign: context.callSign,
    precinctId: row.precinct_id,
    stationId: row.station_id,
    act: row.act,
    role: row.role,
    proofKind: row.proof_kind,
    verdict: row.verdict,
    fulfils: row.fulfils,
    reasons: row.reasons,
    checkedInAt: row.checked_in_at,
    receivedAt: row.received_at,
  }
}
