import { createRandom } from '../../route/random.ts'
import { solveShift, type ShiftInput } from '../../route/plan/plan-routes.ts'
import { buildRoadGraph, type RoadPiece } from '../../route/travel-time/road-graph.ts'
import {
  createTravelBlocks,
  type BlockPoint,
  type TravelBlocks,
} from '../../route/travel-time/travel-blocks.ts'

const START = new Date('2026-11-23T10:00:00Z')
const HOURS = 6

/**
 * Plans a shift route through `points` patrol points around a station, on these roads: matrix, search, near orders and
 * the draw. The graph is built once per process and told apart.
 */
export async function planOneShift(
  pieces: readonly RoadPiece[],
  { points, seed }: { points: number; seed: number },
) {
  const graphAt = performance.now()
  const graph = buildRoadGraph(pieces)
  graph.network('car')
  const graphSeconds = (performance.now() - graphAt) / 1_000
  const startedAt = performance.now()
  let matrixSeconds = 0
  const blocks = createTravelBlocks({ graph })
  const timed: TravelBlocks = {
    table: async (request) => {
      const at = performance.now()
      const table = await blocks.table(request)
      matrixSeconds += (performance.now() - at) / 1_000
      return table
    },
  }
  const planned = await solveShift(makeInput(pieces, points, seed), timed, seed)
  const seconds = (performance.now() - startedAt) / 1_000
  const route = planned.routes.find((each) => each.alternative === 0)
  return {
    points,
    roads: pieces.length,
    graphSeconds,
    matrixSeconds,
    seconds,
    source: planned.source,
    stops: route?.stops.length ?? 0,
    alternatives: planned.routes.length,
    travelSeconds: route?.travelSeconds ?? 0,
    costRatio: route?.costRatio ?? null,
  }
}

/** Points spread about the roads within some three kilometres of a station, all to be visited. */
function makeInput(pieces: readonly RoadPiece[], count: number, seed: number): ShiftInput {
  const random = createRandom(seed)
  const middle = pieces[Math.floor(pieces.length / 2)]?.line ?? Float64Array.of(120.2, 23)
  const station = { lon: middle[0] ?? 120.2, lat: middle[1] ?? 23 }
  const block: BlockPoint[] = Array.from({ length: count }, (_, i) => ({
    id: i + 1,
    lon: station.lon + (random.real() - 0.5) * 0.05,
    lat: station.lat + (random.real() - 0.5) * 0.05,
  }))
  return {
    shift: {
      id: 1,
      precinctId: 1,
      stationId: 2,
      band: 'evening',
      startsAt: START,
      endsAt: new Date(START.getTime() + HOURS * 3_600_000),
      station,
    },
    request: {
      id: '00000000-0000-4000-8000-000000000000',
      shiftId: 1,
      unitIds: [],
      goal: 'fixed-list',
      pointIds: [],
      weights: { hotspot: 1, windows: 1, overdue: 1, campaign: 1, visibility: 1 },
      line: 'variable',
      tolerancePercent: 5,
      visitSeconds: 120,
      closed: true,
      highRiskVisits: 1,
      gapMinutes: 60,
      fixedPointIds: [],
      forbiddenPairs: [],
      alternatives: 1,
      iterations: 1_500,
    },
    places: block.map((point) => ({
      ...point,
      priority: 2,
      incidents: random.below(20),
      windows: [],
      overdue: false,
      inCampaign: false,
      hoursUnseen: null,
      beatId: null,
      wantedSkills: [],
    })),
    units: [
      {
        id: 1,
        callSign: 'bench',
        mode: 'car',
        skills: new Set(),
        beatIds: new Set(),
        knownPointIds: new Set(),
        loadHours: 0,
      },
    ],
    block,
    history: { executions: [], lastLine: null },
    startsAt: 0,
  }
}
