import type {
  CheckInSummary,
  Event,
  EventOf,
  Tally,
  WallPoint,
  WallSnapshot,
  WindowState,
} from '@patrol/contract'
import { fillTally } from './city.ts'
import { modelAlert } from './model-alert.ts'

/** For tests: a small random city with a log, and what a snapshot of it must hold, counted without any folding. */
export interface ModelCity {
  log: Event[]
  /** What a screen shows that has everything up to and with log[n-1], and the events named besides. */
  snapshotAt(n: number, alsoDone?: readonly Event[]): WallSnapshot
}

/** mulberry32: the same seed gives the same city on every machine. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const serviceOn = '2026-11-23'
const nextStates: Partial<Record<WindowState, WindowState[]>> = {
  pending: ['open', 'excused'],
  open: ['grace', 'fulfilled', 'excused'],
  grace: ['missed', 'fulfilled'],
  missed: ['corrected', 'made-up', 'excused', 'unexcused'],
}
type WindowEvent = EventOf<'window:opened'>
const eventNames: Record<string, WindowEvent['type']> = { open: 'window:opened' }

const pointsPerPrecinct = 4
const windowsPerPoint = 3
const precinctIds = [1, 2, 3]

const at = (hour: number) => new Date(Date.UTC(2026, 10, 22, 16 + hour)).toISOString()
const baseSeries = { values: [], usualLow: [], usualHigh: [], lastWeek: null }

interface ModelWindow {
  id: number
  pointId: number
  precinctId: number
  hour: number
  state: WindowState
}

function createWindows(): ModelWindow[] {
  return precinctIds.flatMap((precinctId) =>
    Array.from({ length: pointsPerPrecinct * windowsPerPoint }, (_, i) => {
      const pointId = precinctId * 100 + (i % pointsPerPrecinct)
      return {
        id: precinctId * 1_000 + i,
        pointId,
        precinctId,
        hour: 3 * Math.floor(i / pointsPerPrecinct),
        state: 'pending' as const,
      }
    }),
  )
}

export function createModelCity(random: () => number, length: number): ModelCity {
  const windows = createWindows()
  const log: Event[] = []
  const openAlerts: number[] = []
  let pos = 0
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)]

  while (log.length < length) {
    // Some positions belong to precincts that this screen may not see.
    pos += random() < 0.7 ? 1 : 1 + Math.floor(random() * 3)
    const head = { pos, id: `event-${pos}`, stationId: null, at: at(5) }
    const kind = random()
    const window = pick(windows.filter((one) => nextStates[one.state] && isNext(one, windows)))
    if (kind < 0.6 && window) {
      const from = window.state
      const to = pick(nextStates[from] ?? []) ?? from
      window.state = to
      log.push({
        ...head,
        type: eventNames[to] ?? 'window:missed',
        precinctId: window.precinctId,
        data: {
          windowId: window.id,
          pointId: window.pointId,
          serviceOn,
          startsAt: at(window.hour),
          endsAt: at(window.hour + 3),
          graceEndsAt: at(window.hour + 4),
          from,
          to,
          doneCount: 0,
          requiredCount: 1,
          checkInId: null,
        },
      })
    } else if (kind < 0.8) {
      log.push({ ...head, type: 'check-in:recorded', precinctId: 1, data: createCheckIn(pos) })
    } else {
      const isClosing = random() < 0.4 && openAlerts.length > 0
      const id = isClosing ? (openAlerts.shift() ?? pos) : pos
      if (!isClosing) openAlerts.push(id)
      log.push({
        ...head,
        type: isClosing ? 'alert:closed' : 'alert:raised',
        precinctId: 2,
        data: modelAlert({
          id,
          kind: 'missed-windows',
          state: isClosing ? 'closed' : 'unack',
          precinctId: 2,
          raisedAt: at(5),
          changedAt: at(5),
        }),
      })
    }
  }
  return {
    log,
    snapshotAt: (n, alsoDone = []) =>
      countSnapshot([...log.slice(0, n), ...alsoDone], log[n - 1]?.pos ?? 0, alsoDone),
  }
}

/** A point's windows begin one after another: a screen knows only the one that matters, and those that moved since. */
function isNext(window: ModelWindow, windows: readonly ModelWindow[]): boolean {
  const earlier = windows.filter((one) => one.pointId === window.pointId && one.hour < window.hour)
  return earlier.every((one) => !['pending', 'open', 'grace'].includes(one.state))
}

function createCheckIn(n: number): CheckInSummary {
  return {
    id: `check-in-${n}`,
    pointId: 100,
    pointName: '巡邏點',
    unitId: null,
    callSign: null,
    precinctId: 1,
    stationId: null,
    act: 'check-in',
    role: 'patrol',
    proofKind: 'qr',
    verdict: 'accepted',
    fulfils: 'yes',
    reasons: [],
    checkedInAt: at(5),
    // Not in the order of the log: two transactions may be numbered the other way round.
    receivedAt: new Date(Date.parse(at(5)) + Math.floor(n / 3) * 1_000 - (n % 3)).toISOString(),
  }
}

/** The plain way: the last word on each window, alert and check-in, then counted. */
function countSnapshot(events: readonly Event[], pos: number, ahead: readonly Event[]): WallSnapshot {
  const windows = createWindows()
  const alerts = new Map<number, WallSnapshot['alerts'][number]>()
  const feed: CheckInSummary[] = []
  for (const event of events) {
    if (event.type === 'check-in:recorded') feed.push(event.data)
    else if (event.type === 'alert:raised') alerts.set(event.data.id, event.data)
    else if (event.type === 'alert:closed') alerts.delete(event.data.id)
    else if (event.type === 'window:opened' || event.type === 'window:missed') {
      const window = windows.find((one) => one.id === event.data.windowId)
      if (window) window.state = event.data.to
    }
  }
  return {
    pos,
    ahead: ahead.map((event) => event.id),
    now: at(6),
    speed: 1,
    serviceOn,
    scope: { city: false, precinctIds, stationIds: [] },
    precincts: precinctIds.map((id) => ({
      id,
      code: `P${id}`,
      name: `第${id}分局`,
      nameEn: `Precinct ${id}`,
      lon: null,
      lat: null,
      tally: countTally(windows.filter((window) => window.precinctId === id)),
    })),
    points: precinctIds.flatMap((precinctId) =>
      Array.from({ length: pointsPerPrecinct }, (_, i) =>
        createPoint(precinctId, precinctId * 100 + i, windows),
      ),
    ),
    units: [],
    alerts: [...alerts.values()],
    feed: feed.sort((a, b) => Date.parse(b.receivedAt) - Date.parse(a.receivedAt)).slice(0, 20),
    incidents: [],
    assignments: [],
    series: {
      units: baseSeries,
      checkIns: baseSeries,
      coverage: baseSeries,
      overdue: baseSeries,
      alerts: baseSeries,
      compliance: baseSeries,
      visibility: baseSeries,
      overdueRoutes: baseSeries,
    },
  }
}

function countTally(windows: readonly ModelWindow[]): Tally {
  const tally = fillTally()
  for (const window of windows) tally[window.state] += 1
  return tally
}

function createPoint(precinctId: number, id: number, windows: readonly ModelWindow[]): WallPoint {
  const begun = windows.filter((window) => window.pointId === id && window.state !== 'pending')
  const live = begun.filter((window) => window.state === 'open' || window.state === 'grace')
  const last = (live.length > 0 ? live : begun).toSorted((a, b) => b.hour - a.hour)[0]
  return {
    id,
    code: `C${id}`,
    name: `巡邏點 ${id}`,
    category: 'box',
    priority: 2,
    lon: 120.2,
    lat: 23,
    radiusMeters: 40,
    address: null,
    village: null,
    precinctId,
    stationId: 9,
    temporary: false,
    synthetic: true,
    window: last
      ? { id: last.id, state: last.state, startsAt: at(last.hour), endsAt: at(last.hour + 3) }
      : null,
  }
}
