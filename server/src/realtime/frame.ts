import type { Server } from 'socket.io'
import type { Event, Frame, Heartbeat, Scope, UnitPosition } from '@patrol/contract'
import { covers, scopeKey, type Place } from '../organisation/scope.ts'

/** Per-event messages to 550 screens saturate at 500 events/s; frames of 50 ms carry 1,000/s. */
const frameMs = 50
/** A unit moves on a screen at most this often. */
const unitsMs = 1_000

/** Screens that lag behind with reading: they get every event, and no positions until they have caught up. */
export const slowRoom = 'slow'

/** All sessions of the same scope share a room, and so one encoding of each frame. */
interface Room {
  scope: Scope
  /** Position of the last event that this scope may see and that was sent, or skipped as seen before the room began. */
  pos: number
  events: Event[]
  units: Map<number, UnitPosition>
}

export interface MovedUnit extends UnitPosition, Place {}

export interface Frames {
  /** The room of a scope, made when first asked for. */
  roomOf(scope: Scope): string
  addEvents(events: Event[]): void
  moveUnits(units: MovedUnit[]): void
  stop(): void
}

/** Collects what happens per room and sends it: events lossless and in order, unit positions coalesced. */
export function startFrames(options: {
  io: Server
  head(): number
  /** No heartbeat is sent while this is false: a screen must not call itself live when we are not. */
  fresh(): boolean
  now(): Date
  speed(): number
}): Frames {
  const { io } = options
  const rooms = new Map<string, Room>()

  const frameTimer = setInterval(() => {
    const sentAt = options.now().toISOString()
    for (const [name, room] of rooms) {
      const last = room.events.at(-1)
      if (last === undefined) continue
      const frame: Frame = { prevPos: room.pos, events: room.events, sentAt }
      room.pos = last.pos
      room.events = []
      io.to(name).emit('frame', frame)
    }
  }, frameMs)

  const unitsTimer = setInterval(() => {
    const now = options.now().toISOString()
    const fresh = options.fresh()
    for (const [name, room] of rooms) {
      const heartbeat: Heartbeat = { pos: room.pos, now, speed: options.speed() }
      if (fresh) io.to(name).emit('heartbeat', heartbeat)
      if (room.units.size === 0) continue
      // Not socket.io's volatile: that drops for everyone whom a frame was sent to in the same turn of the loop.
      io.to(name)
        .except(slowRoom)
        .emit('units', { units: [...room.units.values()] })
      room.units.clear()
    }
  }, unitsMs)

  return {
    roomOf(scope) {
      const name = scopeKey(scope)
      if (!rooms.has(name)) rooms.set(name, { scope, pos: options.head(), events: [], units: new Map() })
      return name
    },
    addEvents(events) {
      for (const room of rooms.values()) {
        if (room.scope.city) room.events.push(...events)
        else for (const event of events) if (covers(room.scope, event)) room.events.push(event)
      }
    },
    moveUnits(units) {
      for (const room of rooms.values()) {
        for (const { precinctId, stationId, ...unit } of units) {
          if (!covers(room.scope, { precinctId, stationId })) continue
          const known = room.units.get(unit.unitId)
          if (known === undefined || known.recordedAt <= unit.recordedAt) room.units.set(unit.unitId, unit)
        }
      }
    },
    stop() {
      clearInterval(frameTimer)
      clearInterval(unitsTimer)
    },
  }
}
