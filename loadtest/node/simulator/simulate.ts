import type { Db } from '@patrol/db'
import { openCalls } from './calls.ts'
import { createAgenda } from './agenda.ts'
import { offlineMinutes, offlinePerHour, randomBetween } from './behaviour.ts'
import { followClock, type CityClock } from './city-clock.ts'
import { followOrder, takeOrder, type OrderInHand } from './follow-order.ts'
import { metersBetween } from './geo.ts'
import { makeCheckIn } from './make-check-in.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import {
  breadcrumbOf,
  createUnit,
  moveUnit,
  setOut,
  type Errand,
  type Moment,
  type PatrolUnit,
} from './patrol-unit.ts'
import {
  readDueWindows,
  readHeldOrders,
  readPlaces,
  readRoads,
  readShifts,
  type HeldOrder,
  type Shift,
} from './read-city.ts'
import { buildRoadGraph } from './road-graph.ts'
import { openTelemetry, type Telemetry } from './telemetry.ts'

export interface Possessions {
  /** Session of each officer who carries a phone. */
  tokens: ReadonlyMap<number, string>
  /** Code on the label of each point. */
  codes: ReadonlyMap<number, string>
  /** Session of the 110 system; without it nobody calls. */
  switchboard: string | null
}

export interface Tally {
  unitsOut: number
  breadcrumbs: number
  /** Answers of the server, by verdict. */
  checkIns: Record<string, number>
}

/** A unit with its phone. */
interface Actor {
  unit: PatrolUnit
  cookie: string
  telemetry: Telemetry
  outbox: Outbox
  /** What it was sent to; null when it patrols. */
  hand: OrderInHand | null
  /** Without network until then; 0 with one. City time. */
  offlineUntilMs: number
  /** In which second of the period it sends. */
  slot: number
}

const tickMs = 1_000
/** One breadcrumb every so many seconds at the city's usual pace. */
const periodTicks = 4
/** Phones that connect in one second: a shift does not begin like a herd. */
const newPerTick = 20
const placesEveryMs = 600_000
/** A phone hears of an order at once; this one looks as often. */
const ordersEveryMs = 2_000

/** Drives the city's patrols until the signal. `held` may change while it runs. */
export async function simulate(
  db: Db,
  options: { server: string; cookieName: string; maxUnits: number; held: Possessions; signal: AbortSignal },
): Promise<{ tally: Tally; done: Promise<void> }> {
  const { server, cookieName, maxUnits, held, signal } = options
  const clock = await followClock(server, signal)
  const agenda = createAgenda()
  const roads = buildRoadGraph(await readRoads(db))
  const actors = new Map<number, Actor>()
  let leaving: Actor[] = []
  let waiting: Shift[] = []
  let placesAt = -Infinity
  const tally: Tally = { unitsOut: 0, breadcrumbs: 0, checkIns: {} }

  async function look() {
    const now = clock.now()
    if (performance.now() - placesAt > placesEveryMs) {
      placesAt = performance.now()
      const places = await readPlaces(db)
      agenda.setPlaces(places.filter((place) => held.codes.has(place.pointId)))
    }
    agenda.setDue(await readDueWindows(db, now))
    waiting = (await readShifts(db, now, maxUnits)).filter((shift) => !actors.has(shift.unitId))
  }

  function enter(shift: Shift) {
    const token = held.tokens.get(shift.officerId)
    if (token === undefined || actors.has(shift.unitId)) return
    const now = clock.now()
    // A shift that has begun is out already; one that begins, begins at its station.
    const started = now - shift.startMs < 300_000
    const start = shift.last ?? (started ? null : agenda.anywhere(shift.stationId)?.position) ?? shift.station
    const cookie = `${cookieName}=${token}`
    actors.set(shift.unitId, {
      unit: createUnit(shift, start, now),
      cookie,
      hand: null,
      telemetry: openTelemetry(server, cookie),
      outbox: createOutbox({ server, cookie }, count),
      offlineUntilMs: 0,
      slot: shift.unitId % periodTicks,
    })
  }

  function count(verdict: string) {
    tally.checkIns[verdict] = (tally.checkIns[verdict] ?? 0) + 1
  }

  function step(actor: Actor, now: number) {
    const { unit, telemetry, outbox } = actor
    const before = unit.atMs
    changeNetwork(actor, before, now)
    const steps = Math.max(1, Math.min(8, Math.round((now - before) / 15_000)))
    for (let i = 1; i <= steps; i++) {
      if (actor.hand !== null) follow(actor, actor.hand)
      // A stroll ends when something is due; who is on the way to a window goes on.
      else if (unit.errand === null || unit.errand.windowId === null) begin(actor, unit.atMs)
      const moment = moveUnit(unit, before + ((now - before) * i) / steps)
      if (moment !== null) act(actor, moment)
      telemetry.add([breadcrumbOf(unit)])
    }
    tally.breadcrumbs += steps
    telemetry.flush()
    if (actor.offlineUntilMs === 0) void outbox.drain()
  }

  /** Hands out new orders, and takes back those that somebody else holds or nobody any more. */
  async function lookAtOrders() {
    const byUnit = new Map((await readHeldOrders(db)).map((order) => [order.unitId, order]))
    for (const actor of actors.values()) changeOrder(actor, byUnit.get(actor.unit.shift.unitId) ?? null)
  }

  function follow(actor: Actor, hand: OrderInHand) {
    // Without network it can neither hear nor say anything.
    if (actor.offlineUntilMs > 0) return
    const door = { server, cookie: actor.cookie }
    followOrder(actor.unit, hand, { door, roads, isHeld: () => actor.hand === hand })
  }

  function changeOrder(actor: Actor, order: HeldOrder | null) {
    const { unit, hand } = actor
    if (hand?.order.id === order?.id && hand?.order.epoch === order?.epoch) {
      if (hand !== null && order !== null && !hand.busy) hand.order.state = order.state
      return
    }
    // A phone without network hears nothing.
    if (actor.offlineUntilMs > 0) return
    if (unit.errand !== null && !unit.dwell?.scanned) agenda.release(unit.errand)
    Object.assign(unit, { errand: null, way: [], dwell: null })
    actor.hand = order === null ? null : takeOrder(order, unit.atMs)
  }

  function begin({ unit, outbox }: Actor, now: number) {
    const errand = agenda.visit(unit, now) ?? (unit.errand === null ? agenda.stroll(unit) : null)
    if (errand === null) return
    if (errand.cheat === 'photographed' && metersBetween(unit.position, errand.place.position) > 400) {
      scan(unit, outbox, errand)
      return
    }
    setOut(unit, errand, roads.route(unit.position, errand.place.position))
  }

  function act({ unit, outbox }: Actor, { kind, errand }: Moment) {
    const isTeleport = errand.cheat === 'teleport'
    if (kind === 'scan') scan(unit, outbox, isTeleport ? { ...errand, cheat: null } : errand)
    else if (isTeleport) {
      const far = agenda.farFrom(errand.place, 4_000)
      if (far !== null) scan(unit, outbox, { ...errand, place: far })
    }
  }

  function scan(unit: PatrolUnit, outbox: Outbox, errand: Errand) {
    const code = held.codes.get(errand.place.pointId)
    if (code !== undefined) outbox.add(makeCheckIn(unit, errand, code, clock))
  }

  function tick(number: number) {
    const now = clock.now()
    for (const shift of waiting.splice(0, newPerTick)) enter(shift)
    for (const [unitId, actor] of actors) {
      if (now >= actor.unit.shift.endMs || actor.telemetry.state === 'refused') leave(unitId, actor)
      else if (number % periodTicks === actor.slot) step(actor, now)
    }
    leaving = leaving.filter(isStillUploading)
    tally.unitsOut = actors.size
    calls?.tick(now)
  }

  /** Off duty: no more breadcrumbs, but what was scanned still goes out; the switchboard takes back an order. */
  function leave(unitId: number, actor: Actor) {
    actors.delete(unitId)
    if (actor.unit.errand !== null && !actor.unit.dwell?.scanned) agenda.release(actor.unit.errand)
    actor.telemetry.setOffline(false)
    leaving.push(actor)
  }

  function isStillUploading({ outbox, telemetry }: Actor): boolean {
    if (outbox.size > 0 && telemetry.state !== 'refused') {
      void outbox.drain()
      return true
    }
    telemetry.close()
    return false
  }

  await look()
  const calls =
    held.switchboard === null
      ? null
      : openCalls(db, {
          door: { server, cookie: `${cookieName}=${held.switchboard}` },
          anywhere: () => agenda.anywhere(null),
        })
  const done = (async () => {
    let lookAt = performance.now()
    let ordersAt = 0
    for (let number = 0; !signal.aborted; number++) {
      const began = performance.now()
      if (began - lookAt > lookEveryMs(clock)) {
        lookAt = began
        await look().catch(() => undefined) // the database is away: what is known goes on
      }
      if (began - ordersAt > ordersEveryMs) {
        ordersAt = began
        await lookAtOrders().catch(() => undefined)
      }
      tick(number)
      await pause(tickMs - (performance.now() - began), signal)
    }
    for (const actor of [...actors.values(), ...leaving]) actor.telemetry.close()
  })()
  return { tally, done }
}

/** New windows and shifts are noticed within five minutes of the city's time. */
const lookEveryMs = ({ speed }: CityClock) => Math.min(20_000, Math.max(2_000, 300_000 / speed))

function changeNetwork(actor: Actor, before: number, now: number) {
  if (actor.offlineUntilMs > 0) {
    if (now < actor.offlineUntilMs) return
    actor.offlineUntilMs = 0
    actor.telemetry.setOffline(false)
  } else if (Math.random() < ((now - before) / 3_600_000) * offlinePerHour) {
    actor.offlineUntilMs = now + randomBetween(offlineMinutes.least, offlineMinutes.most) * 60_000
    actor.telemetry.setOffline(true)
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, Math.max(0, ms))
    signal.addEventListener('abort', end)
    function end() {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
  })
}
