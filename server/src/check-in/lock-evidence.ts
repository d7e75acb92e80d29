import type { OpenTx } from '@patrol/db'

// Advisory locks have one space of 64-bit numbers: the top bits keep these apart from each other and from small ones.
const officerSpace = 1n << 60n
const tagSpace = 1n << 61n

/**
 * Lets no other transaction judge scans of these officers or taps of these tags until this one ends: two taps with the same
 * counter, or two visits of one officer far apart, must not pass because neither sees the other. A statement of its own,
 * before the facts are read: only then does that one see what another transaction had committed.
 */
export async function lockEvidence(
  tx: OpenTx,
  { officerIds, uids }: { officerIds: readonly number[]; uids: readonly string[] },
): Promise<void> {
  const locks = new Set([
    ...officerIds.map((id) => officerSpace | BigInt.asUintN(32, BigInt(id))),
    // Seven bytes at most: NTAG 424 DNA has no other UIDs.
    ...uids.map((uid) => tagSpace | BigInt.asUintN(56, BigInt(`0x${uid}`))),
  ])
  await tx.$client.query({
    name: 'lock-evidence',
    text: 'select pg_advisory_xact_lock(key) from unnest($1::bigint[]) key',
    // In the same order everywhere, so that two transactions cannot wait for each other.
    values: [[...locks].sort((a, b) => (a < b ? -1 : 1)).map(String)],
  })
}
