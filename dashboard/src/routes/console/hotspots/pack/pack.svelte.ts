import type {
  HotspotFacts,
  HotspotForecast,
  HotspotMap,
  HotspotMapInput,
  Organisation,
} from '@patrol/contract'
import { readOrganisations } from '../../../../lib/api.ts'
import {
  readForecast,
  readHotspotFacts,
  readHotspotMap,
  readPrecinctOutlines,
  type PrecinctOutline,
} from '../api.ts'
import { followJob, startJob } from '../../../../lib/jobs.ts'
import { countDays, lastDays, periodBefore } from '../question.ts'

/** A week for the report; a month before going on duty, as a week is thin for one precinct. */
export const spans = { briefing: 28, weekly: 7 } as const
export type PackKind = keyof typeof spans

export interface Asked {
  source: string | null
  categories: string[]
  from: string | null
  to: string | null
}

/** What one pack is printed from. */
export class Pack {
  facts = $state.raw<HotspotFacts | null>(null)
  organisations = $state.raw<ReadonlyMap<number, Organisation>>(new Map())
  outlines = $state.raw<PrecinctOutline[]>([])
  kind = $state<PackKind>('briefing')
  question = $state.raw<HotspotMapInput | null>(null)
  map = $state.raw<HotspotMap | null>(null)
  before = $state.raw<HotspotMap | null>(null)
  forecast = $state.raw<HotspotForecast | null>(null)
  problem = $state.raw<unknown>(null)
  progress = $state(0)
  #asked = 0

  async open({ source: name, categories, from, to }: Asked): Promise<void> {
    try {
      const [facts, { organisations }, { outlines }] = await Promise.all([
        readHotspotFacts(),
        readOrganisations(),
        readPrecinctOutlines(),
      ])
      this.facts = facts
      this.organisations = new Map(organisations.map((each) => [each.id, each]))
      this.outlines = outlines
      const source = facts.sources.find((each) => each.source === name) ?? facts.sources[0]
      if (source === undefined) return
      const span = from !== null && to !== null ? { from, to } : lastDays(source, spans[this.kind])
      this.question = {
        source: source.source,
        categories,
        ...span,
        resolution: 9,
        hours: null,
        permutations: 0,
      }
      if (countDays(span.from, span.to) <= spans.weekly) this.kind = 'weekly'
      await this.compute()
    } catch (error) {
      this.problem = error
    }
  }

  /** Another kind: its days of the same data. */
  async choose(kind: PackKind): Promise<void> {
    const source = this.facts?.sources.find((each) => each.source === this.question?.source)
    if (source === undefined || this.question === null) return
    this.kind = kind
    this.question = { ...this.question, ...lastDays(source, spans[kind]) }
    await this.compute()
  }

  async chooseSource(name: string): Promise<void> {
    const source = this.facts?.sources.find((each) => each.source === name)
    if (source === undefined || this.question === null) return
    this.question = {
      ...this.question,
      source: source.source,
      categories: [],
      ...lastDays(source, spans[this.kind]),
    }
    await this.compute()
  }

  /** The last question asked wins: what is printed must be what its heading says. */
  async compute(): Promise<void> {
    const { question } = this
    if (question === null) return
    const asked = ++this.#asked
    this.problem = null
    this.map = null
    try {
      const [map, before, { forecast }] = await Promise.all([
        this.#make(question),
        this.#make({ ...question, ...periodBefore(question) }),
        readForecast(question.source, question.categories),
      ])
      if (asked !== this.#asked) return
      this.map = map
      this.before = before
      this.forecast = forecast
    } catch (error) {
      if (asked === this.#asked) this.problem = error
    }
  }

  async #make(input: HotspotMapInput): Promise<HotspotMap | null> {
    const job = await startJob({ kind: 'hotspots:map', input })
    const ended = await followJob(job, {
      // This page has no socket of its own: it is on paper in a minute.
      heard: () => undefined,
      onProgress: ({ progress }) => (this.progress = progress),
    })
    if (ended.state === 'failed') throw new Error(ended.error ?? '')
    const mapId = ended.result?.['mapId']
    return typeof mapId === 'number' ? readHotspotMap(mapId) : null
  }
}
