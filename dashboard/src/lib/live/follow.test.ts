import type { Event, EventPage, Frame, Scope, WallSnapshot } from '@patrol/contract'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openCity, type City } from './city.ts'
import { Follower } from './follow.ts'
import { createModelCity, createRandom } from './model-city.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

class Gone extends Error {}

interface World {
  events: Event[]
  head(): number
  snapshot(): WallSnapshot
  /** Answers nothing but errors while this is set. */
  isDown: boolean
  pageSize: number
  oldest: number
}

function createWorld(events: Event[], snapshot: () => WallSnapshot): World {
  return { events, head: () => events.at(-1)?.pos ?? 0, snapshot, isDown: false, pageSize: 1_000, oldest: 0 }
}

function follow(world: World) {
  const applied: number[] = []
  let asked = 0
  let snapshots = 0
  const follower = new Follower(
    {
      takeSnapshot: async () => {
        if (world.isDown) throw new Error('away')
        snapshots += 1
        return world.snapshot()
      },
      readEvents: async (after): Promise<EventPage> => {
        asked += 1
        if (world.isDown) throw new Error('away')
        if (after < world.oldest) throw new Gone()
        const rest = world.events.filter((event) => event.pos > after)
        const events = rest.slice(0, world.pageSize)
        const head = world.head()
        return { events, through: rest.length > events.length ? (events.at(-1)?.pos ?? head) : head, head }
      },
      isGone: (error) => error instanceof Gone,
      isFinal: () => false,
      now: () => Date.now(),
    },
    {
      opened: () => undefined,
      applied: (events) => applied.push(...events.map((event) => event.pos)),
      failed: () => undefined,
    },
  )
  return { follower, applied, asked: () => asked, snapshots: () => snapshots }
}

function frameOf(events: Event[], from: number, to: number): Frame {
  return {
    prevPos: events[from - 1]?.pos ?? 0,
    events: events.slice(from, to),
    sentAt: '2026-11-23T00:00:00Z',
  }
}

/** Everything a person can see of a city, in one order. */
function readCity(city: City | null) {
  if (!city) return null
  return {
    tallies: [...city.precincts.values()].map(({ id, tally }) => ({ id, tally })),
    windows: [...city.points.values()].map(({ id, window }) => ({ id, window })),
    alerts: [...city.alerts.keys()].sort((a, b) => a - b),
    feed: city.feed.map((row) => row.id),
  }
}

describe('a follower', () => {
  test('ends equal to a fresh snapshot, whatever was lost, repeated, overlapping or ahead', async () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = createRandom(seed)
      const model = createModelCity(random, 60)
      const n = Math.floor(random() * 40)
      // Committed before the snapshot, numbered after it: those of the next few that come first of their entity.
      const ahead = model.log.slice(n, n + Math.floor(random() * 4))
      const world = createWorld(model.log, () => model.snapshotAt(n, ahead))
      world.pageSize = 1 + Math.floor(random() * 12)
      const { follower, applied } = follow(world)
      follower.connected()
      for (let i = n; i < model.log.length;) {
        const to = Math.min(model.log.length, i + 1 + Math.floor(random() * 5))
        const chance = random()
        if (chance < 0.65) follower.receive(frameOf(model.log, i, to))
        // Lost (below 0.8), or repeated with an overlap from before.
        else if (chance > 0.8) follower.receive(frameOf(model.log, Math.max(0, i - 3), to))
        if (random() < 0.3) follower.hear(model.log[to - 1]?.pos ?? 0)
        if (random() < 0.1) follower.connected()
        world.isDown = random() < 0.2
        await vi.advanceTimersByTimeAsync(Math.floor(random() * 120))
        i = to
      }
      world.isDown = false
      follower.hear(world.head())
      await vi.advanceTimersByTimeAsync(30_000)
      follower.close()

      expect(readCity(follower.city), `seed ${seed}`).toEqual(readCity(openCity(model.snapshotAt(60))))
      expect(applied, `seed ${seed}`).toEqual([...new Set(applied)].sort((a, b) => a - b))
    }
  })

  test('does not ask again for what a frame or a heartbeat shows to be complete', async () => {
    const model = createModelCity(createRandom(7), 30)
    const { follower, asked } = follow(createWorld(model.log.slice(0, 10), () => model.snapshotAt(10)))
    follower.connected()
    await vi.advanceTimersByTimeAsync(1_000)
    const before = asked()
    follower.receive(frameOf(model.log, 10, 20))
    follower.hear(model.log[19]?.pos ?? 0)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(asked()).toBe(before)
    expect(follower.city?.pos).toBe(model.log[19]?.pos)
  })

  test('asks when a heartbeat stays ahead of the frames', async () => {
    const model = createModelCity(createRandom(8), 30)
    const events = model.log.slice(0, 10)
    const { follower } = follow(createWorld(events, () => model.snapshotAt(10)))
    follower.connected()
    await vi.advanceTimersByTimeAsync(1_000)
    events.push(...model.log.slice(10, 15))
    follower.hear(model.log[14]?.pos ?? 0)
    await vi.advanceTimersByTimeAsync(200)
    expect(follower.city?.pos).toBe(model.log[9]?.pos)
    await vi.advanceTimersByTimeAsync(200)
    expect(follower.city?.pos).toBe(model.log[14]?.pos)
  })

  test('takes a new snapshot when the server tells of another scope, until it has that', async () => {
    const model = createModelCity(createRandom(11), 30)
    let scope: Scope = model.snapshotAt(10).scope
    const world = createWorld(model.log.slice(0, 10), () => ({ ...model.snapshotAt(10), scope }))
    const { follower, snapshots } = follow(world)
    follower.connected()
    follower.rescope(scope)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(snapshots()).toBe(1)

    const narrow = { city: false, precinctIds: [1], stationIds: [] }
    follower.rescope(narrow)
    await vi.advanceTimersByTimeAsync(2_000)
    scope = narrow
    await vi.advanceTimersByTimeAsync(5_000)
    expect(follower.city?.scope).toEqual(narrow)
    expect(snapshots()).toBe(3)
    follower.close()
  })

  test('is complete only as of the last heartbeat that it has caught up with', async () => {
    const model = createModelCity(createRandom(9), 30)
    const world = createWorld(model.log.slice(0, 10), () => model.snapshotAt(10))
    const { follower } = follow(world)
    follower.connected()
    follower.hear(model.log[9]?.pos ?? 0)
    const first = Date.now()
    await vi.advanceTimersByTimeAsync(1_000)
    world.isDown = true
    follower.hear(model.log[14]?.pos ?? 0)
    const second = Date.now()
    await vi.advanceTimersByTimeAsync(20_000)
    expect(follower.completeAt).toBe(first)
    follower.receive(frameOf(model.log, 10, 15))
    expect(follower.completeAt).toBe(second)
  })

  test('takes a new snapshot when events are gone, when it is too far behind, and when the city changed', async () => {
    const model = createModelCity(createRandom(10), 40)
    const events = model.log.slice(0, 10)
    let at = 10
    const world = createWorld(events, () => model.snapshotAt(at))
    const { follower, snapshots } = follow(world)
    follower.connected()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(snapshots()).toBe(1)

    events.push(...model.log.slice(10, 30))
    world.oldest = events.at(-1)?.pos ?? 0
    at = 30
    follower.connected()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(snapshots()).toBe(2)
    expect(follower.city?.pos).toBe(model.log[29]?.pos)

    const changed: Event = {
      pos: world.head() + 1,
      id: 'changed',
      type: 'city:changed',
      precinctId: null,
      stationId: null,
      at: '2026-11-23T00:00:00Z',
      data: { what: 'points' },
    }
    follower.receive({ prevPos: world.head(), events: [changed], sentAt: changed.at })
    events.push(changed)
    world.snapshot = () => ({ ...model.snapshotAt(30), pos: changed.pos })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(snapshots()).toBe(3)

    const far: Event = { ...changed, pos: changed.pos + 20_001, id: 'far' }
    events.push(far)
    world.snapshot = () => ({ ...model.snapshotAt(30), pos: far.pos })
    follower.hear(far.pos)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(snapshots()).toBe(4)
    expect(follower.city?.pos).toBe(far.pos)
  })

  test('takes a new snapshot when the log went back to before what it has seen', async () => {
    const model = createModelCity(createRandom(11), 40)
    const world = createWorld(model.log.slice(0, 30), () => model.snapshotAt(30))
    const { follower } = follow(world)
    follower.connected()
    await vi.advanceTimersByTimeAsync(1_000)
    world.events.splice(20)
    world.snapshot = () => model.snapshotAt(20)
    follower.connected()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(readCity(follower.city)).toEqual(readCity(openCity(model.snapshotAt(20))))
  })
})
