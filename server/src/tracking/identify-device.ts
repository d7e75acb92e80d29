import { createHash } from 'node:crypto'
import type { Db } from '@patrol/db'

/** A tracker that is enrolled, not revoked, and whose officer's account is open. */
export interface KnownTracker {
  deviceId: string
  officerId: number
  /** False for a bare public id, which anybody may know: it raises no SOS and supports no check-in. */
  isPaired: boolean
}

export interface TrackerRegistry {
  /** Finds the tracker of a pairing id; with `orPublicId` also one that was enrolled by this name. */
  find(id: string, options?: { orPublicId: boolean }): Promise<KnownTracker | null>
  /** Whether this id was found here lately: such a device is let in where others have to wait. */
  remembers(id: string): boolean
}

/** A tracker that was revoked is refused after at most this long. */
const freshMs = 5_000
const longestId = 200

/** Only this is stored of a pairing id: it has at least 128 random bits, so a plain hash cannot be turned round. */
export const hashPairingId = (pairingId: string) => createHash('sha256').update(pairingId).digest()

/** Knows trackers by their ids, and remembers those found: they post every few seconds. */
export function createTrackerRegistry(db: Db): TrackerRegistry {
  const found = new Map<string, { tracker: KnownTracker; until: number }>()
  return {
    async find(id, { orPublicId } = { orPublicId: false }) {
      if (id === '' || id.length > longestId || id.includes('\0')) return null
      const hit = found.get(id)
      if (hit && hit.until > performance.now()) return hit.tracker.isPaired || orPublicId ? hit.tracker : null
      const tracker = await findTracker(db, id, orPublicId)
      if (tracker === null) found.delete(id)
      else {
        if (found.size > 20_000) found.clear()
        found.set(id, { tracker, until: performance.now() + freshMs })
      }
      return tracker
    },
    remembers: (id) => found.has(id),
  }
}

async function findTracker(db: Db, id: string, orPublicId: boolean): Promise<KnownTracker | null> {
  const { rows } = await db.$client.query<{ id: string; officer_id: number; paired: boolean }>({
    name: 'find-tracker',
    text: `select d.id, d.officer_id, d.pairing_hash is not distinct from $1 as paired
      from device d join officer o on o.id = d.officer_id
      where (d.pairing_hash = $1 or d.public_id = $2) and d.kind = 'tracker' and d.revoked_at is null
        and o.disabled_at is null
      order by paired desc limit 1`,
    values: [hashPairingId(id), orPublicId ? id : null],
  })
  const row = rows[0]
  return row === undefined ? null : { deviceId: row.id, officerId: row.officer_id, isPaired: row.paired }
}
