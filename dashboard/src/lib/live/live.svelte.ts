// Over 300 lines: all that one connection knows, as fields that every screen reads; how each changes is in the files beside.
import type {
  Alert,
  Assignment,
  CheckInSummary,
  Event,
  Incident,
  Job,
  Unit,
  UnitPosition,
  WallSnapshot,
} from '@patrol/contract'
import { flushSync } from 'svelte'
import { hasCode, readEvents, readSession, readTracks, takeSnapshot } from '../api.ts'
import { dayOf, hourOf } from '../time.ts'
import { sortAlerts } from './alert-order.ts'
import { putPosition, touchNothing, type Touched } from './apply-event.ts'
import { fillTally, type City, type Precinct } from './city.ts'
import { sortIncidents } from './incident-order.ts'
import { Follower } from './follow.ts'
import { judgeFreshness, type Freshness } from './freshness.ts'
import { LatencyMeter, type Latency } from './latency.ts'
import { countOnline } from './online-units.ts'
import { ServerClock } from './server-clock.ts'
import { openSocket, type LiveSocket } from './socket.ts'
import { readStanding, sumTallies, type Standing } from './tallies.ts'
import { installProbe } from './wall-probe.ts'

/** A map (or another drawing outside Svelte) that follows the city. */
export interface Painter {
  /** A new snapshot: everything may have changed. */
  open(city: City): void
  paint(city: City, touched: Touched): void
  /** Resolves when what was painted is on the screen, where that is later than the frame it was painted in. */
  whenDrawn?(): Promise<unknown>
}

const silentMs = 10_000
const watchdogMs = 60_000

/**
 * The live state of one screen: one socket, one city. Maps are told what changed and change only that; what Svelte
 * shows is replaced at most once per painted frame, so that 400 positions a second re-render nothing.
 * Long, because a screen has one life: what is pure or testable alone (follower, clock, meter, tallies) is elsewhere.
 */
export class Live {
  ready = $state(false)
  loggedOut = $state(false)
  /** This session may not watch: it says so instead of trying for ever. */
  forbidden = $state(false)
  freshness = $state<Freshness>('lost')
  /** City time since when nothing new is known; null before the first heartbeat. */
  quietSince = $state<number | null>(null)
  /** City time, moved on every second. */
  now = $state<number | null>(null)
  speed = $state(1)
  /** How far this machine's clock is off, in ms. */
  skewMs = $state<number | null>(null)
  latency = $state.raw<Latency>({ count: 0, p50: null, p95: null, p99: null })
  standing = $state.raw<Standing>(readStanding(fillTally()))
  /** Null until the first count. */
  onlineUnits = $state<number | null>(null)
  precincts = $state.raw<Precinct[]>([])
  /** Everything not closed, most urgent first. */
  alerts = $state.raw<Alert[]>([])
  feed = $state.raw<CheckInSummary[]>([])
  /** Not closed; most urgent first, then the oldest. */
  incidents = $state.raw<Incident[]>([])
  /** Orders that are held, or refused and waiting for another unit; newest first. */
  assignments = $state.raw<Assignment[]>([])
  /** On duty, by call sign. */
  units = $state.raw<Unit[]>([])
  /** How many snapshots were taken: a page that keeps a list of its own reads it anew. */
  opened = $state(0)
  series = $state.raw<WallSnapshot['series'] | null>(null)
  /** Check-ins put on record since the snapshot, for lists longer than the feed. */
  lastCheckIns = $state.raw<CheckInSummary[]>([])
  /** Heavy work as it was last told of, for the page that asked for it. */
  readonly jobs = new Map<number, Job>()

  readonly #clock = new ServerClock()
  readonly #meter = new LatencyMeter()
  readonly #painters = new Set<Painter>()
  readonly #listeners = new Set<(events: readonly Event[]) => void>()
  readonly #follower: Follower
  #socket: LiveSocket | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  #uninstall: (() => void) | null = null
  #touched = touchNothing()
  #fresh: CheckInSummary[] = []
  #unpainted: number[] = []
  #isDirty = false
  #isRosterDirty = false
  #frameAsked = false
  #heardAt: number | null = null
  #askedSessionAt = -Infinity
  #paintedAt = performance.now()
  #paintedFrames = 0
  #snapshots = 0
  #dayAsked = ''
  #seriesOf: string | null = null

  constructor() {
    this.#follower = new Follower(
      {
        takeSnapshot,
        readEvents,
        isGone: (error) => hasCode(error, 'EVENTS_GONE'),
        isFinal: (error) => hasCode(error, 'NOT_LOGGED_IN') || hasCode(error, 'NOT_ALLOWED'),
        now: () => performance.now(),
      },
      {
        opened: (city, snapshot) => this.#open(city, snapshot),
        applied: (events, touched, from) => this.#take(events, touched, from),
        failed: (error) => {
          if (hasCode(error, 'NOT_LOGGED_IN')) this.#leave()
          else if (hasCode(error, 'NOT_ALLOWED')) {
            this.forbidden = true
            this.close()
          } else console.warn('live state not complete, trying again', error)
        },
      },
    )
  }

  start(): void {
    this.#socket = openSocket({
      connected: () => {
        this.#clock.forget()
        this.#follower.connected()
      },
      frame: (frame) => this.#follower.receive(frame),
      heartbeat: ({ pos, now, speed }) => {
        this.#heardAt = performance.now()
        this.#clock.hear(Date.parse(now), speed, this.#heardAt)
        this.#follower.hear(pos)
      },
      units: ({ units }) => {
        const city = this.#follower.city
        if (!city) return
        for (const unit of units) if (putPosition(city, unit)) this.#touched.units.add(unit.unitId)
        this.#askFrame()
      },
      scope: (scope) => this.#follower.rescope(scope),
      refused: () => void this.#askSession(),
      loggedOut: () => this.#leave(),
    })
    // The snapshot need not wait for the socket: what happens in between is asked for once that is there.
    this.#follower.connected()
    this.#tick()
    this.#uninstall = installProbe(() => this.#follower.city?.pos ?? 0, this.#probe())
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#socket?.close()
    this.#follower.close()
    this.#uninstall?.()
  }

  /** Registers a map; it is opened at once when there is something to show. */
  addPainter(painter: Painter): () => void {
    this.#painters.add(painter)
    if (this.#follower.city) painter.open(this.#follower.city)
    return () => this.#painters.delete(painter)
  }

  /** Tells every event that is new to this screen, for a page that shows what the city does not hold. */
  addListener(listener: (events: readonly Event[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Where a unit was last; it moves without telling Svelte. */
  readPosition(unitId: number): UnitPosition | null {
    return this.#follower.city?.positions.get(unitId) ?? null
  }

  /** City time at this instant, in ms; for ages on the map. */
  readClock(): number {
    return this.#clock.read(performance.now()) ?? Date.now()
  }

  readonly readTracks = readTracks

  #open(city: City, snapshot: WallSnapshot): void {
    const now = performance.now()
    // Until the first heartbeat the snapshot's time is the best there is.
    if (this.#clock.read(now) === null) this.#clock.hear(Date.parse(snapshot.now), snapshot.speed, now)
    this.series = snapshot.series
    this.#seriesOf = hourOf(Date.parse(snapshot.now))
    this.#snapshots += 1
    this.opened = this.#snapshots
    this.#isRosterDirty = true
    this.#touched = touchNothing()
    for (const painter of this.#painters) painter.open(city)
    this.#show(city)
    this.#judge()
    this.ready = true
    this.#askFrame()
  }

  #take(events: Event[], touched: Touched, from: 'frame' | 'page'): void {
    for (const id of touched.points) this.#touched.points.add(id)
    for (const id of touched.units) this.#touched.units.add(id)
    if (touched.dispatch) this.#touched.dispatch = true
    for (const event of events) {
      // What was fetched later says how long we were away, not how fast events travel.
      if (from === 'frame') this.#unpainted.push(Date.parse(event.at))
      if (event.type.startsWith('unit:')) this.#isRosterDirty = true
      if (event.type === 'check-in:recorded' || event.type === 'check-in:reviewed')
        this.#fresh.push(event.data)
      if (event.type === 'job:changed') this.jobs.set(event.data.id, event.data)
    }
    for (const listener of this.#listeners) listener(events)
    this.#isDirty = true
    this.#askFrame()
  }

  #askFrame(): void {
    if (this.#frameAsked) return
    this.#frameAsked = true
    requestAnimationFrame(() => this.#paint())
  }

  #paint(): void {
    this.#frameAsked = false
    const city = this.#follower.city
    if (city) {
      const touched = this.#touched
      this.#touched = touchNothing()
      for (const painter of this.#painters) painter.paint(city, touched)
      if (this.#isDirty) this.#show(city)
    }
    flushSync()
    this.#paintedFrames += 1
    this.#paintedAt = performance.now()
    this.#measure()
  }

  /** The browser paints when this animation frame returns, and maps at their own pace; a task queued then runs after that. */
  #measure(): void {
    const events = this.#unpainted
    this.#unpainted = []
    if (events.length === 0) return
    const maps = [...this.#painters].map((painter) => painter.whenDrawn?.())
    void Promise.all(maps).then(() => setTimeout(() => this.#note(events)))
  }

  #note(events: readonly number[]): void {
    const paintedMs = performance.now()
    const city = this.#clock.read(paintedMs)
    if (city === null) return
    for (const at of events) this.#meter.add((city - at) / this.#clock.speed, paintedMs)
  }

  #show(city: City): void {
    this.#isDirty = false
    this.precincts = [...city.precincts.values()]
    this.standing = readStanding(sumTallies(this.precincts.map((precinct) => precinct.tally)))
    this.alerts = sortAlerts(city.alerts.values())
    this.feed = [...city.feed]
    this.incidents = sortIncidents(city.incidents.values())
    this.assignments = [...city.assignments.values()].sort((a, b) => b.createdAt.localeCompare(a.createdAt))
    if (this.#isRosterDirty) {
      this.#isRosterDirty = false
      this.units = [...city.units.values()].sort((a, b) => a.callSign.localeCompare(b.callSign))
    }
    if (this.#fresh.length > 0) this.lastCheckIns = this.#fresh
    this.#fresh = []
  }

  /** Once a second: the clock, the ages, and whether all is still well. */
  #tick(): void {
    const local = performance.now()
    const city = this.#follower.city
    this.now = this.#clock.read(local)
    this.speed = this.#clock.speed
    this.skewMs = this.#clock.skewOf(Date.now(), local)
    this.latency = this.#meter.read(local)
    if (city && this.now !== null) this.onlineUnits = countOnline(city, this.now)
    this.#judge()
    this.#askFrame()
    this.#renew(city)
    this.#watch(local)
    // On the city's full second where it runs at normal speed, so that the clock never skips one.
    const toNext = this.speed === 1 && this.now !== null ? 1_000 - (this.now % 1_000) : 1_000
    this.#timer = setTimeout(() => this.#tick(), toNext + 5)
  }

  #judge(): void {
    const completeAt = this.#follower.completeAt
    this.freshness = completeAt === null ? 'lost' : judgeFreshness(performance.now() - completeAt)
    this.quietSince = completeAt === null ? null : this.#clock.read(completeAt)
  }

  /** A new service day has other tallies: another snapshot. A new hour has another point on the curves, no more. */
  #renew(city: City | null): void {
    if (!city || this.now === null) return
    const day = dayOf(this.now)
    const hour = hourOf(this.now)
    if (day > city.serviceOn && this.#dayAsked !== day) {
      this.#dayAsked = day
      this.#seriesOf = hour
      this.#follower.refresh(3_000)
    } else if (this.#seriesOf !== null && hour !== this.#seriesOf) {
      this.#seriesOf = hour
      // Not all screens in the same minute; city time may be fast.
      setTimeout(() => void this.#takeSeries(), (300_000 / this.speed) * Math.random())
    }
  }

  async #takeSeries(): Promise<void> {
    if (this.loggedOut || this.forbidden) return
    try {
      this.series = (await takeSnapshot()).series
    } catch (error) {
      console.warn('curves not renewed, trying again next hour', error)
    }
  }

  #watch(local: number): void {
    const socket = this.#socket
    if (!socket?.isConnected()) return
    if (this.#heardAt !== null && local - this.#heardAt > silentMs) {
      this.#heardAt = local
      socket.redial()
    }
    const isStuck = document.visibilityState === 'visible' && local - this.#paintedAt > watchdogMs
    // The address is kept, and with it the view.
    if (isStuck) location.reload()
  }

  async #askSession(): Promise<void> {
    const now = performance.now()
    if (now - this.#askedSessionAt < 5_000) return
    this.#askedSessionAt = now
    try {
      await readSession()
    } catch (error) {
      // Anything else is a server that is away; the socket keeps trying.
      if (hasCode(error, 'NOT_LOGGED_IN')) this.#leave()
    }
  }

  #leave(): void {
    this.loggedOut = true
    this.close()
  }

  #probe() {
    const readCity = () => this.#follower.city
    return {
      tallies: () =>
        Object.fromEntries(
          [...(readCity()?.precincts.values() ?? [])].map(({ id, tally }) => [String(id), { ...tally }]),
        ),
      feed: () => [...(readCity()?.feed ?? [])],
      latency: () => this.#meter.read(performance.now()),
      state: () => ({
        freshness: this.freshness,
        serviceOn: readCity()?.serviceOn ?? null,
        points: readCity()?.points.size ?? 0,
        units: readCity()?.units.size ?? 0,
        onlineUnits: this.onlineUnits ?? 0,
        alerts: readCity()?.alerts.size ?? 0,
        assignments: [...(readCity()?.assignments.values() ?? [])]
          .map(({ id, epoch, state, unitId }) => `${id} ${epoch} ${state} ${unitId}`)
          .sort(),
        snapshots: this.#snapshots,
        paintedFrames: this.#paintedFrames,
      }),
    }
  }
}
