import { cellArea, cellToLatLng, gridDisk, latLngToCell } from 'h3-js'
import { intAt, realAt } from '../../route/typed-array.ts'
import { countBefore, type IncidentPoints } from '../incident-points.ts'

/** Rings of cells around each incident's cell that belong to the study area: about 800 m at resolution 10. */
export const STUDY_RINGS = 6

/**
 * Incidents on their grid. A *place* is a distinct position: reports are often snapped to addresses or blocks, and what
 * repeats at one position is summed before anything is spread.
 *
 * Cells and places are numbered in the order in which incidents first made them known. What is known on a day is
 * therefore a prefix, and nothing of a later incident is visible in it.
 */
export type LocatedIncidents = {
  days: Float64Array
  /** Place of each incident, and cell of each incident. */
  places: Int32Array
  cellOf: Int32Array
  placeCells: Int32Array
  placeLons: Float64Array
  placeLats: Float64Array
  cells: string[]
  cellLons: Float64Array
  cellLats: Float64Array
  areasKm2: Float64Array
  /** Cells within `STUDY_RINGS` of a cell that has incidents; empty for the others. */
  disks: Int32Array[]
  /** Cells known after each incident. */
  knownCells: Int32Array
}

/** Puts incidents (ascending in time) on H3 cells of `resolution`, and finds the study area around them. */
export function locateIncidents(points: IncidentPoints, resolution = 10): LocatedIncidents {
  const cells: string[] = []
  const indexOf = new Map<string, number>()
  const disks: Int32Array[] = []
  const addCell = (cell: string): number => {
    const known = indexOf.get(cell)
    if (known !== undefined) return known
    indexOf.set(cell, cells.length)
    disks.push(new Int32Array(0))
    return cells.push(cell) - 1
  }
  const placeOf = new Map<string, number>()
  const placeCells: number[] = []
  const placeLons: number[] = []
  const placeLats: number[] = []
  const count = points.days.length
  const [places, cellOf, knownCells] = [new Int32Array(count), new Int32Array(count), new Int32Array(count)]
  for (let at = 0; at < count; at++) {
    const [lon, lat] = [realAt(points.lons, at), realAt(points.lats, at)]
    const key = `${lon},${lat}`
    let place = placeOf.get(key)
    if (place === undefined) {
      const name = latLngToCell(lat, lon, resolution)
      const cell = addCell(name)
      if (disks[cell]?.length === 0)
        disks[cell] = Int32Array.from(gridDisk(name, STUDY_RINGS).sort(), addCell)
      place = placeCells.push(cell) - 1
      placeLons.push(lon)
      placeLats.push(lat)
      placeOf.set(key, place)
    }
    places[at] = place
    cellOf[at] = placeCells[place] ?? 0
    knownCells[at] = cells.length
  }
  const centres = cells.map((cell) => cellToLatLng(cell))
  return {
    days: points.days,
    places,
    cellOf,
    placeCells: Int32Array.from(placeCells),
    placeLons: Float64Array.from(placeLons),
    placeLats: Float64Array.from(placeLats),
    cells,
    cellLons: Float64Array.from(centres, ([, lon]) => lon),
    cellLats: Float64Array.from(centres, ([lat]) => lat),
    areasKm2: Float64Array.from(cells, (cell) => cellArea(cell, 'km2')),
    disks,
    knownCells,
  }
}

/** How many cells were known before `day`: the candidates of a forecast made then. */
export function countKnownCells(located: LocatedIncidents, day: number): number {
  const before = countBefore(located.days, day)
  return before === 0 ? 0 : intAt(located.knownCells, before - 1)
}
