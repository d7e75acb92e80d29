export interface IncidentKind {
  source: '110' | 'crime' | 'traffic' | '1999'
  category: string
  /** 1 urgent, 2 normal, 3 low. */
  priority: 1 | 2 | 3
  perYear: number
  /** Relative weight of each hour of the day, 0–23, Asia/Taipei. */
  hours: readonly number[]
  /** A weekday's share of a weekend day; 1 unless given. */
  weekend?: number
  /** Breeds near repeats. */
  repeats?: boolean
}

// Hours by people's days: made up, but not flat. Counts give some eighty 110 calls a day, about a tenth of a city's.
const night = [9, 8, 7, 5, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 4, 6, 8, 9, 10, 10]
const evening = [5, 3, 2, 1, 1, 1, 1, 2, 3, 3, 4, 4, 5, 4, 4, 5, 6, 7, 8, 9, 10, 10, 9, 7]
const commuting = [1, 1, 1, 1, 1, 2, 5, 10, 8, 5, 4, 5, 6, 5, 5, 5, 7, 10, 9, 6, 4, 3, 2, 1]
const office = [1, 1, 1, 1, 1, 1, 2, 5, 8, 10, 10, 9, 7, 8, 9, 9, 8, 7, 6, 5, 4, 3, 2, 1]
const absence = [1, 1, 1, 1, 1, 1, 2, 4, 7, 9, 10, 9, 7, 8, 9, 9, 7, 5, 4, 4, 3, 2, 2, 1]

export const incidentKinds: readonly IncidentKind[] = [
  { source: '110', category: '妨害安寧', priority: 3, perYear: 8_000, hours: night, weekend: 0.6 },
  { source: '110', category: '糾紛', priority: 2, perYear: 7_000, hours: evening },
  { source: '110', category: '交通事故', priority: 2, perYear: 6_000, hours: commuting },
  { source: '110', category: '為民服務', priority: 3, perYear: 4_000, hours: office },
  { source: '110', category: '可疑人車', priority: 2, perYear: 3_000, hours: night },
  { source: '110', category: '家庭暴力', priority: 2, perYear: 1_500, hours: evening },
  { source: '110', category: '打架', priority: 1, perYear: 900, hours: night, weekend: 0.4 },
  { source: 'crime', category: '機車竊盜', priority: 2, perYear: 1_100, hours: night },
  { source: 'crime', category: '住宅竊盜', priority: 2, perYear: 900, hours: absence, repeats: true },
  { source: 'crime', category: '搶奪', priority: 1, perYear: 80, hours: evening },
  { source: 'crime', category: '強盜', priority: 1, perYear: 50, hours: night },
  { source: 'traffic', category: '交通事故 A2', priority: 2, perYear: 6_000, hours: commuting },
  { source: 'traffic', category: '交通事故 A1', priority: 1, perYear: 120, hours: commuting },
  { source: '1999', category: '違規停車', priority: 3, perYear: 4_500, hours: office },
]
