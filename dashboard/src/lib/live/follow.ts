import type { Event, EventPage, Frame, Scope, WallSnapshot } from '@patrol/contract'
import { applyEvent, touchNothing, type Touched } from './apply-event.ts'
import { applyFrame, needsSnapshot } from './apply-frame.ts'
import { openCity, type City } from './city.ts'

/** What the follower needs of the world. */
export interface FollowerDoors {
  takeSnapshot(): Promise<WallSnapshot>
  /** The next events after a position. */
  readEvents(after: number): Promise<EventPage>
  /** Whether this failure says that the events asked for are no longer kept. */
  isGone(error: unknown): boolean
  /** Whether it is of no use to try again (logged out). */
  isFinal(error: unknown): boolean
  now(): number
}

/** What the follower tells. */
export interface FollowerNews {
  opened(city: City, snapshot: WallSnapshot): void
  applied(events: Event[], touched: Touched, from: 'frame' | 'page'): void
  failed(error: unknown): void
}

/** Frames come every 50 ms: a heartbeat that runs ahead of them for longer than this tells of a lost frame. */
const patienceMs = 300
/** Further behind than this, a snapshot is smaller than what was missed. */
const tooFarBehind = 20_000
const stallsBeforeSnapshot = 8
/** The server serves one snapshot to everybody who asks within a second. */
const snapshotSharedMs = 1_200

/**
 * Keeps one city complete: applies frames in order, notices gaps (a frame that does not follow on, a heartbeat ahead
 * of what came, a reconnect), fetches what is missing, and takes a new snapshot where that is not possible.
 */
export class Follower {
  city: City | null = null
  /** Local time as of which everything is here: that of a snapshot, or of a heartbeat without a gap before it. */
  completeAt: number | null = null

  readonly #doors: FollowerDoors
  readonly #news: FollowerNews
  #buffer: Frame[] = []
  #bufferedEvents = 0
  /** Heartbeats that told of a position not reached yet. */
  #waiting: { pos: number; at: number }[] = []
  /** A position that is known to exist. */
  #head = 0
  #asked = false
  /** What the server last said this session may see. */
  #scope: string | null = null
  #wantsSnapshot = true
  #running = false
  #closed = false
  #wake: (() => void) | null = null

  constructor(doors: FollowerDoors, news: FollowerNews) {
    this.#doors = doors
    this.#news = news
  }

  /** First connection, or back again: fetch everything since the last position. */
  connected(): void {
    this.#asked = true
    // A screen that waits for its next try need not wait any longer.
    this.#wake?.()
    void this.#run()
  }

  /**
   * Asks for a new snapshot at some time within `spreadMs`, so that many screens do not ask in the same instant, and
   * not before the server has stopped handing out one from before whatever was the reason.
   */
  refresh(spreadMs: number): void {
    setTimeout(
      () => {
        this.#wantsSnapshot = true
        void this.#run()
      },
      snapshotSharedMs + spreadMs * Math.random(),
    )
  }

  /** Told what this session may see: who shows something else takes a new snapshot. */
  rescope(scope: Scope): void {
    this.#scope = JSON.stringify(scope)
    if (this.city && JSON.stringify(this.city.scope) !== this.#scope) this.refresh(0)
  }

  receive(frame: Frame): void {
    this.#buffer.push(frame)
    this.#bufferedEvents += frame.events.length
    // While a snapshot is on its way, frames wait for it; a frame may also fill the very gap that is being asked for.
    if (!this.#wantsSnapshot) this.#drain()
    if (this.#bufferedEvents > tooFarBehind) this.#dropBuffer()
    if (this.#isBehind()) void this.#run()
  }

  /** @param pos position that the heartbeat tells of */
  hear(pos: number): void {
    this.#waiting.push({ pos, at: this.#doors.now() })
    if (this.#waiting.length > 300) this.#waiting.shift()
    this.#settle()
    if (!this.city || pos <= this.city.pos) return
    setTimeout(() => {
      if (this.#closed || !this.city || this.city.pos >= pos) return
      this.#head = Math.max(this.#head, pos)
      void this.#run()
    }, patienceMs)
  }

  close(): void {
    this.#closed = true
    this.#wake?.()
  }

  #isBehind(): boolean {
    if (this.#wantsSnapshot || this.#asked || !this.city) return true
    return this.#head > this.city.pos || this.#buffer.length > 0
  }

  async #run(): Promise<void> {
    if (this.#running) return
    this.#running = true
    let failures = 0
    let stalls = 0
    while (!this.#closed && this.#isBehind()) {
      try {
        const moved = this.#wantsSnapshot || !this.city ? await this.#open() : await this.#page(this.city)
        failures = 0
        stalls = moved ? 0 : stalls + 1
        if (!moved && this.#isBehind()) {
          if (stalls >= stallsBeforeSnapshot) this.#wantsSnapshot = true
          await this.#pause(250)
        }
      } catch (error) {
        if (this.#doors.isGone(error)) {
          this.#wantsSnapshot = true
          continue
        }
        this.#news.failed(error)
        if (this.#doors.isFinal(error)) this.#closed = true
        // Half of the wait is random: hundreds of screens come back together.
        else await this.#pause(Math.min(10_000, 500 * 2 ** failures++) * (0.5 + Math.random() / 2))
      }
    }
    this.#running = false
  }

  async #open(): Promise<boolean> {
    const snapshot = await this.#doors.takeSnapshot()
    if (this.#closed) return true
    this.city = openCity(snapshot)
    this.#wantsSnapshot = false
    this.completeAt = this.#doors.now()
    // The snapshot is younger than whatever was known of the head, but the frames since may be lost: ask once.
    this.#head = 0
    this.#asked = true
    this.#news.opened(this.city, snapshot)
    // From before the change of roles; another gateway takes some seconds to notice.
    if (this.#scope !== null) this.rescope(JSON.parse(this.#scope))
    this.#drain()
    this.#settle()
    return true
  }

  /** @returns whether it got any further */
  async #page(city: City): Promise<boolean> {
    const before = city.pos
    const page = await this.#doors.readEvents(before)
    if (this.#closed || this.city !== city) return true
    // A head below what this screen has seen: another database answers (restored from a backup).
    if (page.head < before || page.head - before > tooFarBehind) {
      this.#wantsSnapshot = true
      return true
    }
    const touched = touchNothing()
    const events = page.events.filter((event) => applyEvent(city, event, touched))
    city.pos = Math.max(city.pos, page.through)
    this.#tell(events, touched, 'page')
    const moved = city.pos > before
    if (page.through >= page.head) this.#asked = false
    // A heartbeat may tell of what another gateway cannot read yet; the next heartbeat asks again.
    if (!moved) this.#head = Math.min(this.#head, city.pos)
    this.#drain()
    this.#settle()
    return moved
  }

  /** Applies the frames that follow on; the first that does not waits for what is missing before it. */
  #drain(): void {
    if (!this.city) return
    const touched = touchNothing()
    const events: Event[] = []
    for (let frame = this.#buffer[0]; frame; frame = this.#buffer[0]) {
      const outcome = applyFrame(this.city, frame, touched)
      if (outcome.kind === 'gap') break
      events.push(...outcome.events)
      this.#bufferedEvents -= frame.events.length
      this.#buffer.shift()
    }
    this.#tell(events, touched, 'frame')
    this.#settle()
  }

  #tell(events: Event[], touched: Touched, from: 'frame' | 'page'): void {
    if (events.length === 0) return
    this.#news.applied(events, touched, from)
    if (needsSnapshot(events)) this.refresh(1_500)
  }

  #dropBuffer(): void {
    for (const frame of this.#buffer) this.#head = Math.max(this.#head, frame.events.at(-1)?.pos ?? 0)
    this.#buffer = []
    this.#bufferedEvents = 0
  }

  #settle(): void {
    const pos = this.city?.pos ?? -1
    this.#waiting = this.#waiting.filter((heartbeat) => {
      if (heartbeat.pos > pos) return true
      this.completeAt = Math.max(this.completeAt ?? 0, heartbeat.at)
      return false
    })
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
