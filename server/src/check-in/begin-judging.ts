// Advisory locks have one space of 64-bit numbers: the top bits keep these apart from each other and from small ones.
const officerSpace = 1n << 60n
const tagSpace = 1n << 61n

/**
 * The SQL that a transaction begins with which judges scans of these officers and taps of these tags (upper-case hex).
 *
 * It lets no other transaction judge them until this one ends: two taps with the same counter, or two visits of one officer far
 * apart, must not pass because neither sees the other. A statement of its own, before the facts are read: only then does that
 * one see what another transaction had committed.
 *
 * It also fixes how the transaction's statements are planned. To plan the look-up of a scan's facts took 1.8 ms each time, and
 * to run it half of one. All of them find a few rows by an index, so one plan does, and it must not be made of sequential
 * scans because the tables were small when it was made.
 */
export function writeBeginning({
  officerIds,
  uids,
}: {
  officerIds: readonly number[]
  uids: readonly string[]
}): string {
  const locks = new Set([
    ...officerIds.map((id) => officerSpace | BigInt.asUintN(32, BigInt(id))),
    // Seven bytes at most: NTAG 424 DNA has no other UIDs.
    ...uids.map((uid) => tagSpace | BigInt.asUintN(56, BigInt(`0x${uid}`))),
  ])
  // In the same order everywhere, so that two transactions cannot wait for each other. Numbers only: nothing to escape.
  const keys = [...locks].sort((a, b) => (a < b ? -1 : 1)).join()
  return `set local plan_cache_mode = force_generic_plan; set local enable_seqscan = off; set local jit = off;
    select count(pg_advisory_xact_lock(key)) from unnest('{${keys}}'::bigint[]) key`
}
