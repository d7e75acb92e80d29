/**
 * Tables of travel times for planning, cached by precinct: a block holds the times between the points of one precinct, mode and
 * hour band, row by row as they are first asked for. A table over the whole city is never made: routes stay in a precinct,
 * and 7,791² times would take half a gigabyte for legs that nobody drives.
 */
import { realAt } from '../typed-array.ts'
import { askOsrm, osrmServes } from './osrm.ts'
import type { RoadGraph } from './road-graph.ts'
import type { Place } from './snap.ts'
import { hourBand, type HourBand, type TravelMode } from './speeds.ts'
import { graphSeconds, type TravelSource } from './travel-times.ts'

export type BlockPoint = Place & { id: number }

export type TravelTable = {
  /** Seconds between all places, row by row: the points asked for, then the extra places. */
  seconds: Float64Array
  source: TravelSource
  /** Legs that are estimates all the same. */
  estimated: number
}

export type TravelBlocks = {
  table: (request: {
    precinctId: number
    /** All points of the precinct that may ever be asked for: they make the block. */
    block: readonly BlockPoint[]
    /** Ids of the points wanted now. */
    points: readonly number[]
    /** Places that are no points: the station, where a unit is. Never cached. */
    extra: readonly Place[]
    mode: TravelMode
    at: Date
  }) => Promise<TravelTable>
}

type Row = { seconds: Float32Array; estimated: number; source: TravelSource }
type Block = { column: Map<number, number>; points: readonly BlockPoint[]; rows: Map<number, Row> }

/** Blocks are forgotten, the longest unused first, beyond so many bytes. */
const KEEP_BYTES = 64_000_000

export function createTravelBlocks({
  graph,
  osrmUrl = '',
  keepBytes = KEEP_BYTES,
}: {
  graph: RoadGraph | null
  osrmUrl?: string
  keepBytes?: number
}): TravelBlocks {
  const blocks = new Map<string, Block>()

  const blockOf = (key: string, points: readonly BlockPoint[]): Block => {
    const known = blocks.get(key)
    const block =
      known !== undefined && samePlaces(known.points, points)
        ? known
        : { column: new Map(points.map(({ id }, i) => [id, i])), points, rows: new Map<number, Row>() }
    // To the end of the map: the first is the longest unused.
    blocks.delete(key)
    blocks.set(key, block)
    return block
  }
  const forget = (): void => {
    let bytes = 0
    for (const [key, block] of [...blocks].reverse()) {
      bytes += block.rows.size * block.points.length * Float32Array.BYTES_PER_ELEMENT
      if (bytes > keepBytes && key !== [...blocks.keys()].at(-1)) blocks.delete(key)
    }
  }

  const searchRows = async (
    from: readonly Place[],
    to: readonly Place[],
    options: { mode: TravelMode; band: HourBand; towards?: boolean },
  ): Promise<Row[]> => {
    const { mode, band, towards = false } = options
    if (osrmUrl !== '' && osrmServes(osrmUrl, mode) && from.length > 0 && to.length > 0) {
      const answer = await (
        towards ? askOsrm(osrmUrl, to, from, { mode, band }) : askOsrm(osrmUrl, from, to, { mode, band })
      ).catch(() => null)
      if (answer !== null) return from.map((place, i) => osrmRow(answer, i, place, from, to, options))
    }
    return from.map((place) => {
      const found = graphSeconds(graph, place, to, options)
      return { ...found, seconds: Float32Array.from(found.seconds) }
    })
  }
  const osrmRow = (
    answer: Float64Array,
    i: number,
    place: Place,
    from: readonly Place[],
    to: readonly Place[],
    { mode, band, towards = false }: { mode: TravelMode; band: HourBand; towards?: boolean },
  ): Row => {
    const estimate = graphSeconds(null, place, to, { mode, band }).seconds
    let estimated = 0
    const seconds = Float32Array.from(to, (_, k) => {
      const value = realAt(answer, towards ? k * from.length + i : i * to.length + k)
      if (!Number.isNaN(value)) return value
      estimated++
      return realAt(estimate, k)
    })
    return { seconds, estimated, source: 'osrm' }
  }

  return {
    table: async ({ precinctId, block: all, points, extra, mode, at }) => {
      const band = hourBand(at)
      const block = blockOf(`${precinctId} ${mode} ${band}`, all)
      const columns = points.map((id) => {
        const column = block.column.get(id)
        if (column === undefined)
          throw new RangeError(`point ${id} is not in the block of precinct ${precinctId}`)
        return column
      })
      const missing = columns.filter((column) => !block.rows.has(column))
      const places = missing.flatMap((column) => block.points[column] ?? [])
      const made = await searchRows(places, block.points, { mode, band })
      missing.forEach((column, i) => {
        const row = made[i]
        if (row !== undefined) block.rows.set(column, row)
      })
      const wanted = columns.flatMap((column) => block.points[column] ?? [])
      const outward = await searchRows(extra, [...wanted, ...extra], { mode, band })
      const inward = await searchRows(extra, wanted, { mode, band, towards: true })
      const rows = columns.flatMap((column) => block.rows.get(column) ?? [])
      const size = columns.length + extra.length
      const seconds = new Float64Array(size * size)
      rows.forEach((row, i) => {
        columns.forEach((column, j) => (seconds[i * size + j] = i === j ? 0 : (row.seconds[column] ?? 0)))
        inward.forEach((back, e) => (seconds[i * size + columns.length + e] = back.seconds[i] ?? 0))
      })
      outward.forEach((row, e) => {
        const i = columns.length + e
        row.seconds.forEach((value, j) => (seconds[i * size + j] = i === j ? 0 : value))
      })
      forget()
      const parts = [...rows, ...outward]
      return {
        seconds,
        source: sourceOf(parts),
        estimated: parts.reduce((sum, row) => sum + row.estimated, 0),
      }
    },
  }
}

/** A table of several sources: an OSRM server that went away meanwhile, or a place off the map among others. */
function sourceOf(rows: readonly Row[]): TravelSource {
  const has = (source: TravelSource) => rows.some((row) => row.source === source)
  if (has('road-graph')) return 'road-graph'
  return has('estimate') || rows.length === 0 ? 'estimate' : 'osrm'
}

function samePlaces(a: readonly BlockPoint[], b: readonly BlockPoint[]): boolean {
  return (
    a.length === b.length &&
    a.every((point, i) => point.id === b[i]?.id && point.lon === b[i]?.lon && point.lat === b[i]?.lat)
  )
}
