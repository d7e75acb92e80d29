/**
 * What the threads of a run write down, in memory that all of them share. A check-in is known by its number, which
 * stands in its id; a screen by its place in the list.
 */
export interface Boards {
  checkIns: number
  /** Milliseconds of {@link now}; NaN while it has not happened. */
  sentAt: Float64Array
  ackedAt: Float64Array
  /** Index of the precinct that the check-in was made in. */
  precinct: Uint8Array
  /** For each parsed screen and check-in (`screen * checkIns + number`): how often it was shown. */
  seen: Uint8Array
  /** The same: from sending to the screen, and from the server's `at` to the screen; NaN when not measured. */
  wallMs: Float32Array
  eventMs: Float32Array
  /** Per screen: the position it has everything up to, whether its socket is open, what it has received. */
  pos: Float64Array
  /** The position of its snapshot. */
  startPos: Float64Array
  live: Uint8Array
  bytes: Float64Array
  messages: Float64Array
  /** Per parsed screen: events applied, the sum of their positions, and check-ins among them. */
  events: Float64Array
  posSum: Float64Array
  shownCheckIns: Float64Array
}

/** Milliseconds on a clock that all threads and processes of this machine share, and nobody sets. */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6

/** Empty boards. `timed`: keep times per screen and check-in, which takes 8 bytes for each pair. */
export function makeBoards({
  checkIns,
  screens,
  parsed,
  timed,
}: {
  checkIns: number
  screens: number
  parsed: number
  timed: boolean
}): Boards {
  const doubles = (length: number) => new Float64Array(new SharedArrayBuffer(length * 8))
  const bytes = (length: number) => new Uint8Array(new SharedArrayBuffer(length))
  const floats = (length: number) => new Float32Array(new SharedArrayBuffer(length * 4))
  const pairs = parsed * checkIns
  return {
    checkIns,
    sentAt: doubles(checkIns).fill(NaN),
    ackedAt: doubles(checkIns).fill(NaN),
    precinct: bytes(checkIns),
    seen: bytes(pairs),
    wallMs: floats(timed ? pairs : 0).fill(NaN),
    eventMs: floats(timed ? pairs : 0).fill(NaN),
    pos: doubles(screens),
    startPos: doubles(screens),
    live: bytes(screens),
    bytes: doubles(screens),
    messages: doubles(screens),
    events: doubles(screens),
    posSum: doubles(screens),
    shownCheckIns: doubles(screens),
  }
}
