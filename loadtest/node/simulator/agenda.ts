import { pickCheat, planVisit, randomBetween, speedRange, unaskedShare } from './behaviour.ts'
import { metersBetween } from './geo.ts'
import type { Errand, PatrolUnit } from './patrol-unit.ts'
import type { DueWindow, Place } from './read-city.ts'

/** Who goes where: the windows that are due, by station, and which of them somebody is on the way to. */
export interface Agenda {
  setPlaces(places: readonly Place[]): void
  setDue(windows: readonly DueWindow[]): void
  /** The window that suits a unit best now; null when none waits. */
  visit(unit: PatrolUnit, nowMs: number): Errand | null
  /** A way over the beat without a purpose. */
  stroll(unit: PatrolUnit): Errand | null
  /** A place of the station, for a unit that is already out when the simulator starts; of the city for null. */
  anywhere(stationId: number | null): Place | null
  /** Another place at least so far away, for a trick. */
  farFrom(place: Place, meters: number): Place | null
  /** The errand is over, done or not. */
  release(errand: Errand): void
}

/** Roads are longer than the straight line by about this. */
const detour = 1.35
/** How far a unit looks when it strolls: one of so many nearest places. */
const strollChoice = 12

interface Visit extends DueWindow {
  plannedMs: number
  place: Place
}

export function createAgenda(): Agenda {
  let places = new Map<number, Place>()
  let byStation = new Map<number, Place[]>()
  let visits = new Map<number, Visit[]>()
  const taken = new Set<number>()

  function bestVisit(unit: PatrolUnit, nowMs: number): Visit | null {
    const { mode, stationId } = unit.shift
    const pace = (speedRange[mode][0] + speedRange[mode][1]) / 2
    let best: Visit | null = null
    let bestScore = Infinity
    for (const visit of visits.get(stationId) ?? []) {
      if (visit.plannedMs > nowMs || taken.has(visit.windowId)) continue
      const seconds = (metersBetween(unit.position, visit.place.position) * detour) / pace
      if (nowMs + seconds * 1_000 > Math.min(visit.endMs, unit.shift.endMs) - 60_000) continue
      // The nearest first, but what has waited long comes nearer.
      const score = seconds - (nowMs - visit.plannedMs) / 5_000
      if (score < bestScore) [best, bestScore] = [visit, score]
    }
    return best
  }

  function stroll(unit: PatrolUnit): Errand | null {
    const near = (byStation.get(unit.shift.stationId) ?? [])
      .map((place) => ({ place, meters: metersBetween(unit.position, place.position) }))
      .filter(({ meters }) => meters > 150)
      .sort((a, b) => a.meters - b.meters)
      .slice(0, strollChoice)
    const pick = near[Math.floor(Math.random() * near.length)]
    return pick === undefined
      ? null
      : { place: pick.place, windowId: null, scans: Math.random() < unaskedShare, cheat: null }
  }

  return {
    setPlaces(list) {
      places = new Map(list.map((place) => [place.pointId, place]))
      byStation = Map.groupBy(list, (place) => place.stationId)
    },
    setDue(windows) {
      const planned = windows.flatMap((window): Visit[] => {
        const plannedMs = planVisit(window)
        const place = places.get(window.pointId)
        return plannedMs === null || place === undefined ? [] : [{ ...window, plannedMs, place }]
      })
      visits = Map.groupBy(planned, (visit) => visit.stationId)
      // Ids of windows that are done or over never come back.
      const due = new Set(windows.map((window) => window.windowId))
      for (const id of taken) if (!due.has(id)) taken.delete(id)
    },
    stroll,
    visit(unit, nowMs) {
      const visit = bestVisit(unit, nowMs)
      if (visit === null) return null
      taken.add(visit.windowId)
      return { place: visit.place, windowId: visit.windowId, scans: true, cheat: pickCheat() }
    },
    anywhere(stationId) {
      const list = stationId === null ? [...places.values()] : (byStation.get(stationId) ?? [])
      return list[Math.floor(randomBetween(0, list.length))] ?? null
    },
    farFrom(place, meters) {
      const far = (byStation.get(place.stationId) ?? []).filter(
        (other) => metersBetween(other.position, place.position) >= meters,
      )
      return far[Math.floor(randomBetween(0, far.length))] ?? null
    },
    release(errand) {
      if (errand.windowId !== null) taken.delete(errand.windowId)
    },
  }
}
