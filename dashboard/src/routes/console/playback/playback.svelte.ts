import type {
  Alert,
  CheckInSummary,
  Event,
  PlaybackScene,
  PlaybackSpan,
  PlaybackTrack,
} from '@patrol/contract'
import type { Tracks } from '../../../lib/api.ts'
import { applyEvent, touchNothing } from '../../../lib/live/apply-event.ts'
import { openCity, type City } from '../../../lib/live/city.ts'
import type { Painter } from '../../../lib/live/live.svelte.ts'
import { placeAt } from './place-at.ts'

/** What the playback needs of the server. */
export interface PlaybackDoors {
  readScene(atMs: number): Promise<PlaybackScene>
  readSpan(fromMs: number, toMs: number): Promise<PlaybackSpan>
  /** City time now: nothing later can be played. */
  readPresent(): number
}

export const speeds = [1, 2, 5, 10, 30, 60] as const

const spanMs = 5 * 60_000
const trailMs = 10 * 60_000
/** Units are moved this often; between two of these they would move less than their own symbol. */
const moveEveryMs = 100
/** Real time for which the next span is asked ahead. */
const aheadMs = 10_000

/** A span that has been read; its tracks count from its own start. */
interface Reel {
  startMs: number
  tracks: PlaybackTrack[]
}

/**
 * The city at another time, moved on by its own clock: a scene, then the events and tracks after it. It gives the map what the
 * live city gives it, so that both draw the same.
 */
export class Playback {
  /** City time that is shown, in ms; null before the first scene. */
  at = $state<number | null>(null)
  isPlaying = $state(false)
  /** Times as fast as life. */
  speed = $state<number>(1)
  isLoading = $state(false)
  problem = $state.raw<unknown>(null)
  alerts = $state.raw<Alert[]>([])
  feed = $state.raw<CheckInSummary[]>([])
  units = $state.raw<{ id: number; callSign: string }[]>([])

  readonly #doors: PlaybackDoors
  readonly #painters = new Set<Painter>()
  #city: City | null = null
  #reels: Reel[] = []
  #events: Event[] = []
  /** What lies between the scene and here has been read. */
  #readTo = 0
  #reading = false
  #asked = 0
  #frame = 0
  #paintedAt = 0
  #trails: Tracks = { type: 'FeatureCollection', features: [] }

  constructor(doors: PlaybackDoors) {
    this.#doors = doors
  }

  get city(): City | null {
    return this.#city
  }

  /** Goes to an instant: the last one asked for wins. */
  async seek(toMs: number): Promise<void> {
    const at = Math.min(toMs, this.#doors.readPresent())
    const asked = ++this.#asked
    this.isLoading = true
    this.problem = null
    this.at = at
    try {
      const [scene, before, after] = await Promise.all([
        this.#doors.readScene(at),
        this.#doors.readSpan(at - trailMs, at),
        this.#readNext(at),
      ])
      if (asked === this.#asked) this.#open(scene, before, after)
    } catch (error) {
      if (asked === this.#asked) this.problem = error
    } finally {
      if (asked === this.#asked) this.isLoading = false
    }
  }

  play(): void {
    if (this.#city === null || this.isPlaying) return
    this.isPlaying = true
    let last = performance.now()
    const turn = (now: number) => {
      if (!this.isPlaying) return
      this.#advance((now - last) * this.speed, now)
      last = now
      this.#frame = requestAnimationFrame(turn)
    }
    this.#frame = requestAnimationFrame(turn)
  }

  pause(): void {
    this.isPlaying = false
    cancelAnimationFrame(this.#frame)
  }

  /** For the map: what the city's clock shows here. */
  readClock(): number {
    return this.at ?? 0
  }

  /** For the map: the ways up to the instant of the last seek. */
  readTracks(): Promise<Tracks> {
    return Promise.resolve(this.#trails)
  }

  addPainter(painter: Painter): () => void {
    this.#painters.add(painter)
    if (this.#city) painter.open(this.#city)
    return () => this.#painters.delete(painter)
  }

  #open(scene: PlaybackScene, before: PlaybackSpan, after: PlaybackSpan): void {
    // A scene tells of no orders: those that change within the span come with its events.
    const city = openCity({ ...scene, assignments: [], pos: 0, ahead: [] })
    this.#city = city
    this.#trails = drawTrails(before)
    this.#reels = [reelOf(before), reelOf(after)]
    this.#events = [...after.events]
    this.#readTo = Date.parse(after.to)
    this.#moveUnits(city)
    for (const painter of this.#painters) painter.open(city)
    this.#show(city)
  }

  #advance(byMs: number, now: number): void {
    const city = this.#city
    if (city === null || this.at === null || this.isLoading) return
    const next = Math.min(this.at + byMs, this.#readTo)
    void this.#readAhead(next)
    if (next >= this.#doors.readPresent() - 1_000) this.pause()
    this.at = next
    if (now - this.#paintedAt < moveEveryMs) return
    this.#paintedAt = now
    const touched = touchNothing()
    const due = this.#events.findIndex((event) => Date.parse(event.at) > next)
    const passed = this.#events.splice(0, due < 0 ? this.#events.length : due)
    // By the server's time, which is not always the order of their positions.
    for (const event of passed) applyEvent(city, { ...event, pos: city.pos + 1 }, touched)
    for (const id of this.#moveUnits(city)) touched.units.add(id)
    for (const painter of this.#painters) painter.paint(city, touched)
    if (passed.length > 0) this.#show(city)
  }

  /** @returns the units that have a place */
  #moveUnits(city: City): number[] {
    const at = this.at ?? 0
    const moved: number[] = []
    for (const { startMs, tracks } of this.#reels) {
      for (const { unitId, fixes } of tracks) {
        const place = placeAt(fixes, at - startMs)
        if (place === null) continue
        const { lon, lat, headingDegrees } = place
        const recordedAt = new Date(startMs + place.knownAt).toISOString()
        const known = city.positions.get(unitId)
        if (known && known.recordedAt > recordedAt) continue
        city.positions.set(unitId, {
          unitId,
          lon,
          lat,
          headingDegrees,
          recordedAt,
          speedMps: null,
          accuracyMeters: null,
        })
        moved.push(unitId)
      }
    }
    return moved
  }

  async #readAhead(at: number): Promise<void> {
    const isNear = this.#readTo - at < Math.max(60_000, aheadMs * this.speed)
    if (!isNear || this.#reading || this.#readTo >= this.#doors.readPresent()) return
    this.#reading = true
    const asked = this.#asked
    try {
      const span = await this.#readNext(this.#readTo)
      if (asked !== this.#asked) return
      this.#events.push(...span.events)
      // The unit's last fix before the seam belongs to the first of the next span: one way, no gap.
      this.#reels = [...this.#reels.slice(-1), joinReels(this.#reels.at(-1), reelOf(span))]
      this.#readTo = Date.parse(span.to)
    } catch (error) {
      if (asked === this.#asked) this.problem = error
    } finally {
      this.#reading = false
    }
  }

  #readNext(fromMs: number): Promise<PlaybackSpan> {
    return this.#doors.readSpan(fromMs, Math.min(fromMs + spanMs, this.#doors.readPresent()))
  }

  #show(city: City): void {
    this.alerts = [...city.alerts.values()].sort((a, b) => a.priority - b.priority)
    this.feed = [...city.feed]
    this.units = [...city.units.values()].map(({ id, callSign }) => ({ id, callSign }))
  }
}

const reelOf = (span: PlaybackSpan): Reel => ({ startMs: Date.parse(span.from), tracks: span.tracks })

/** Puts each unit's last fix of one reel before its first of the next, in the next one's time. */
function joinReels(one: Reel | undefined, next: Reel): Reel {
  if (one === undefined) return next
  const ends = new Map(one.tracks.map(({ unitId, fixes }) => [unitId, fixes.at(-1)]))
  const tracks = next.tracks.map(({ unitId, fixes }): PlaybackTrack => {
    const end = ends.get(unitId)
    return end
      ? { unitId, fixes: [[end[0], end[1], end[2] + one.startMs - next.startMs], ...fixes] }
      : { unitId, fixes }
  })
  return { startMs: next.startMs, tracks }
}

function drawTrails(span: PlaybackSpan): Tracks {
  const startMs = Date.parse(span.from)
  return {
    type: 'FeatureCollection',
    features: span.tracks.map(({ unitId, fixes }) => ({
      type: 'Feature',
      geometry: { type: 'LineString', coordinates: fixes.map(([lon, lat]) => [lon, lat]) },
      properties: { unitId, times: fixes.map(([, , ms]) => new Date(startMs + ms).toISOString()) },
    })),
  }
}
