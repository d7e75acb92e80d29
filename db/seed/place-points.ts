import type { Village } from './atlas.ts'
import { randomInside, squareKilometers, type LonLat } from './geometry.ts'
import { apportion, seededRandom } from './random.ts'

/** Patrol points (巡邏點) of the city, by the police's own count. */
export const POINT_COUNT = 7_791

export interface PlacedPoint {
  /** `T00001` … in the order of the village codes. */
  code: string
  name: string
  category: string
  priority: 1 | 2 | 3
  position: LonLat
  village: Village
}

/** The old city and its ring are patrolled more densely than their area says. */
const densityOf: Record<string, number> = {
  中西區: 5,
  東區: 2.6,
  北區: 2.6,
  安平區: 2.4,
  南區: 2.2,
  永康區: 2,
  安南區: 1.4,
  仁德區: 1.3,
  新營區: 1.3,
}

const categories: readonly [name: string, share: number][] = [
  ['金融機構', 0.08],
  ['超商', 0.16],
  ['學校', 0.13],
  ['公園', 0.13],
  ['宮廟', 0.18],
  ['住宅區', 0.32],
]

/** Points made up for the demonstration, each inside a real village. The same on every machine. */
export function placePoints(villages: readonly Village[], count = POINT_COUNT): PlacedPoint[] {
  const shares = apportion(
    count,
    villages.map(
      (village) => Math.sqrt(squareKilometers(village.shape)) * (densityOf[village.district] ?? 1),
    ),
  )
  let number = 0
  return villages.flatMap((village, i) => {
    const random = seededRandom(`points ${village.code}`)
    return Array.from({ length: shares[i] ?? 0 }, (_, nth): PlacedPoint => {
      const category = pickCategory(random())
      return {
        code: `T${String(++number).padStart(5, '0')}`,
        name: `${village.district}${village.name} 巡邏箱 ${String(nth + 1).padStart(2, '0')}`,
        category,
        priority: pickPriority(category, random()),
        position: randomInside([village.shape, village.districtShape], random),
        village,
      }
    })
  })
}

function pickCategory(fraction: number): string {
  let sum = 0
  return categories.find(([, share]) => (sum += share) > fraction)?.[0] ?? '住宅區'
}

/** About one in ten is high-risk: banks, and a few others. */
function pickPriority(category: string, fraction: number): 1 | 2 | 3 {
  if (category === '金融機構' || fraction < 0.02) return 1
  return fraction > 0.8 ? 3 : 2
}
