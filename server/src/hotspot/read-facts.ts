import { sql } from 'drizzle-orm'
import type { HotspotFacts, IncidentSource } from '@patrol/contract'
import type { Tx } from '@patrol/db'

/** What there is to ask about: sources with their span, categories with their number of cases. */
export async function readHotspotFacts(tx: Tx): Promise<HotspotFacts> {
  const { rows } = await tx.execute<{
    source: IncidentSource
    category: string
    cases: number
    first: string
    last: string
  }>(sql`
    select source, category, sum(cardinality(hours))::int as cases,
      (date '1970-01-01' + min(hours[1]) / 24)::text as first,
      (date '1970-01-01' + max(hours[cardinality(hours)]) / 24)::text as last
    from incident_cell group by source, category order by source, cases desc, category`)
  const sources = new Map<IncidentSource, HotspotFacts['sources'][number]>()
  for (const { source, category, cases, first, last } of rows) {
    const known = sources.get(source) ?? { source, from: first, to: last, cases: 0, categories: [] }
    known.cases += cases
    known.from = first < known.from ? first : known.from
    known.to = last > known.to ? last : known.to
    known.categories.push({ category, cases })
    sources.set(source, known)
  }
  const study = await tx.execute<{ cells: number }>(sql`select count(*)::int as cells from study_cell`)
  return { sources: [...sources.values()], studyCells: study.rows[0]?.cells ?? 0 }
}
