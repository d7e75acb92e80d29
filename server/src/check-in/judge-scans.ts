import type { CheckIn } from '@patrol/contract'
import { writeSignedText } from './canonical-check-in.ts'
import { toRow, type CheckInRow } from './check-in-row.ts'
import { judgeCheckIn } from './judge-check-in.ts'
import { verifyDeviceSignature } from './proof/device-key.ts'
import type { TagTap } from './proof/sun-counter.ts'
import { readProof, type CheckInKeys, type ReadProof } from './read-proof.ts'
import { writeBeginning } from './begin-judging.ts'
import { readContexts, writeContextQuery, type ScanContext } from './scan-context.ts'
import type { Judgement, Neighbour, ScanFacts } from './scan-facts.ts'

/** One check-in as it reached us. */
export interface Arrival {
  checkIn: CheckIn
  /** Whose log-in brought it. */
  uploadedBy: number
  receivedAt: Date
  clockSpeed: number
}

/** A scan with its verdict; `row` has the columns of `check_in`. */
export interface Scan {
  row: CheckInRow
  context: ScanContext
  judgement: Judgement
}

/**
 * Arrivals with what cryptography says of them, and the SQL by which their transaction must begin, on a connection that has
 * run `prepareContext`: it ends with what the database knows of them.
 */
export interface PreparedScans {
  read: readonly (ReadProof & { arrival: Arrival })[]
  beginning: string
}

/** Everything about scans that needs no database, so that their transaction is short. */
export function prepareScans(keys: CheckInKeys, arrivals: readonly Arrival[]): PreparedScans {
  const read = arrivals.map((arrival) => ({ arrival, ...readProof(arrival.checkIn, keys) }))
  const locks = writeBeginning({
    officerIds: arrivals.map(({ checkIn, uploadedBy }) => checkIn.officerId ?? uploadedBy),
    uids: read.flatMap(({ proof, uid }) => (proof === 'proof-sun' && uid !== null ? [uid] : [])),
  })
  const context = writeContextQuery(
    read.map((one) => ({
      id: one.arrival.checkIn.id,
      opaqueId: one.opaqueId,
      uid: one.uid,
      readCounter: one.readCounter,
      isStatic: one.proof === 'proof-qr',
      officerId: one.arrival.checkIn.officerId ?? one.arrival.uploadedBy,
      deviceId: one.arrival.checkIn.device?.id ?? null,
      at: new Date(Math.min(Date.parse(one.arrival.checkIn.checkedInAt), one.arrival.receivedAt.getTime())),
    })),
  )
  return { read, beginning: `${locks}; ${context}` }
}

/**
 * Judges scans by all that is on record and by each other; same order as the input.
 * @param begun the rows that their `beginning` ended with, in the transaction that goes on
 */
export function judgeScans(begun: unknown[], { read }: PreparedScans): Scan[] {
  const contexts = readContexts(begun)
  // In the order of the claimed times, so that each scan is also held against those before it in the same batch.
  const order = read
    .map((one, index) => ({ one, context: contexts[index], index }))
    .sort((a, b) => claimedMs(a.one.arrival) - claimedMs(b.one.arrival))
  const batch = rememberBatch()
  const scans: Scan[] = []
  for (const { one, context, index } of order) {
    if (context === undefined) throw new Error('A scan came back without its context.')
    const facts = batch.complete(gatherFacts(one, context), context)
    const judgement = judgeCheckIn(facts)
    const row = toRow(facts, one.arrival.uploadedBy, context, judgement)
    if (!context.recorded) batch.add(facts, row, judgement)
    scans[index] = { row, context, judgement }
  }
  return scans
}

const claimedMs = ({ checkIn }: Arrival) => Date.parse(checkIn.checkedInAt)

function gatherFacts(read: ReadProof & { arrival: Arrival }, context: ScanContext): ScanFacts {
  const { checkIn, uploadedBy, receivedAt, clockSpeed } = read.arrival
  const officerId = context.officerKnown ? (checkIn.officerId ?? uploadedBy) : uploadedBy
  return {
    ...context,
    checkIn,
    officerId,
    receivedAt,
    clockSpeed,
    beaconMs: read.beaconMs,
    proof: read.proof,
    scannedKeyVersion: read.keyVersion,
    readCounter: read.readCounter,
    shownStep: read.shownStep,
    courier: officerId !== uploadedBy,
    device: context.device && {
      ...context.device,
      signatureRight:
        checkIn.device !== undefined &&
        verifyDeviceSignature(writeSignedText(checkIn), checkIn.device.signature, context.device.publicKey),
    },
  }
}

const sharedWithinMs = 10 * 60_000

/** What the scans of this batch that are judged already would have told the later ones, had they been on record. */
function rememberBatch() {
  const visits = new Map<number, Neighbour>()
  const taps = new Map<number, TagTap[]>()
  const signed = new Map<string, { officerId: number; unitId: number | null; atMs: number }[]>()

  return {
    complete(facts: ScanFacts, { tagId, unitId }: ScanContext): ScanFacts {
      const own = facts.checkIn.id.toLowerCase()
      const atMs = Date.parse(facts.checkIn.checkedInAt)
      const others = signed.get(facts.checkIn.device?.id ?? '') ?? []
      const shared = others.some(
        (other) =>
          other.officerId !== facts.officerId &&
          Math.abs(other.atMs - atMs) <= sharedWithinMs &&
          (unitId === null || other.unitId !== unitId),
      )
      return {
        ...facts,
        previous: later(facts.previous, visits.get(facts.officerId) ?? null),
        taps: [...facts.taps, ...(taps.get(tagId ?? 0) ?? []).filter((tap) => tap.checkInId !== own)],
        device: facts.device && { ...facts.device, shared: facts.device.shared || shared },
      }
    },

    add(facts: ScanFacts, row: CheckInRow, judgement: Judgement) {
      const at = judgement.checkedInAt
      if (facts.point !== null && judgement.verdict === 'accepted' && judgement.timeTrusted) {
        const { lon, lat, radiusMeters } = facts.point
        visits.set(facts.officerId, { id: row.id, lon, lat, radiusMeters, at })
      }
      if (row.tag_id !== null && row.read_counter !== null) {
        const tap = {
          checkInId: row.id,
          counter: row.read_counter,
          claimedAt: at,
          timeTrusted: judgement.timeTrusted,
        }
        taps.set(row.tag_id, [...(taps.get(row.tag_id) ?? []), tap])
      }
      if (row.device_id !== null) {
        const one = { officerId: row.officer_id, unitId: row.unit_id, atMs: at.getTime() }
        signed.set(row.device_id, [...(signed.get(row.device_id) ?? []), one])
      }
    },
  }
}

function later(a: Neighbour | null, b: Neighbour | null): Neighbour | null {
  if (a === null || b === null) return a ?? b
  return a.at > b.at ? a : b
}
