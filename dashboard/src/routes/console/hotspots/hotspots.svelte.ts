import type {
  HotspotDosage,
  HotspotFacts,
  HotspotForecast,
  HotspotMap,
  HotspotMapInput,
  Job,
  Organisation,
} from '@patrol/contract'
import { readOrganisations } from '../../../lib/api.ts'
import { cancelJob, followJob, startJob } from '../../../lib/jobs.ts'
import { endDosage, orderDosage, readDosages, readForecast, readHotspotFacts, readHotspotMap } from './api.ts'
import type { Live } from '../../../lib/live/live.svelte.ts'
import { isAnswerTo, isSameTheme, isUsable, lastDays, periodBefore, type Source } from './question.ts'

export type Layer = 'heat' | 'change' | 'forecast'

/** What the page asks and what it was answered. One per page; panels read and change it. */
export class Hotspots {
  facts = $state.raw<HotspotFacts | null>(null)
  organisations = $state.raw<ReadonlyMap<number, Organisation>>(new Map())
  question = $state<HotspotMapInput | null>(null)
  /** Empty: all that may be seen. */
  precinctIds = $state<number[]>([])
  layer = $state<Layer>('heat')
  map = $state.raw<HotspotMap | null>(null)
  /** The same question for the period before; asked for with the layer that shows it. */
  before = $state.raw<HotspotMap | null>(null)
  forecast = $state.raw<HotspotForecast | null>(null)
  dosages = $state.raw<HotspotDosage[]>([])
  /** Hour of the week shown; null for the whole week. */
  hour = $state<number | null>(null)
  selected = $state<string | null>(null)
  job = $state.raw<Job | null>(null)
  problem = $state.raw<unknown>(null)
  /** From the question to its answer on the screen: longer than the job that computes it. */
  isComputing = $state(false)

  readonly source = $derived(this.facts?.sources.find(({ source }) => source === this.question?.source))
  /** Cells of the chosen precincts. */
  readonly cells = $derived(
    (this.map?.cells ?? []).filter(
      ({ precinctId }) => this.precinctIds.length === 0 || this.precinctIds.includes(precinctId),
    ),
  )
  readonly beforeCounts = $derived(
    new Map(
      (this.before?.cells ?? [])
        .filter(({ precinctId }) => this.precinctIds.length === 0 || this.precinctIds.includes(precinctId))
        .map(({ cell, count }) => [cell, count]),
    ),
  )
  /** Whether the map answers another question than the one that is set, or is about to. */
  readonly isOutdated = $derived(
    this.isComputing || (this.map !== null && this.question !== null && !isAnswerTo(this.map, this.question)),
  )
  readonly #live: Live
  #asked = 0

  constructor(live: Live) {
    this.#live = live
  }

  async open(): Promise<void> {
    await this.#try(async () => {
      const [facts, { organisations }, { dosages }] = await Promise.all([
        readHotspotFacts(),
        readOrganisations(),
        readDosages(),
      ])
      this.facts = facts
      this.organisations = new Map(organisations.map((each) => [each.id, each]))
      this.dosages = dosages
      const first = facts.sources.toSorted((a, b) => (a.to < b.to ? 1 : -1))[0]
      if (first) await this.choose(first)
    })
  }

  async choose(source: Source): Promise<void> {
    this.question = {
      source: source.source,
      categories: [],
      ...lastDays(source, 365),
      resolution: 9,
      hours: null,
      permutations: this.question?.permutations ?? 0,
    }
    await this.compute()
    // Rare cases: in a year no cell may have three of them, and the page would say nothing.
    if (this.map?.source === source.source && this.map.cells.every(({ count }) => count === null)) {
      Object.assign(this.question, lastDays(source, null))
      await this.compute()
    }
  }

  /** Asks for the map (and that of the period before, where it is compared); the last question asked wins. */
  async compute(): Promise<void> {
    const question = $state.snapshot(this.question)
    if (question === null || !isUsable(question)) return
    const asked = ++this.#asked
    this.isComputing = true
    await this.#try(async () => {
      const [map, forecast] = await Promise.all([
        this.#makeMap(question),
        readForecast(question.source, question.categories),
      ])
      if (asked !== this.#asked || map === null) return
      this.map = map
      this.before = null
      this.forecast = forecast.forecast
      if (this.selected !== null && !map.cells.some(({ cell }) => cell === this.selected))
        this.selected = null
      if (this.layer === 'change') {
        const before = await this.#makeMap({ ...question, ...periodBefore(question), permutations: 0 })
        if (asked === this.#asked) this.before = before
      }
    })
    if (asked === this.#asked) this.isComputing = false
  }

  async show(layer: Layer): Promise<void> {
    this.layer = layer
    if (layer === 'change' && this.before === null) await this.compute()
  }

  async test(): Promise<void> {
    // Of the map that is shown, as its forecast is.
    const about = this.map ?? $state.snapshot(this.question)
    if (about === null) return
    await this.#try(async () => {
      const { source, categories } = about
      const job = await this.#run(() =>
        startJob({ kind: 'hotspots:forecast', input: { source, categories } }),
      )
      if (job === null) return
      const { forecast } = await readForecast(source, categories)
      // A map of something else meanwhile brought its own.
      if (this.map === null || isSameTheme(this.map, about)) this.forecast = forecast
    })
  }

  async cancel(): Promise<void> {
    const job = this.job
    // Whatever still comes is no longer waited for, also where no job has begun.
    this.#asked++
    this.isComputing = false
    if (job !== null) await this.#try(() => cancelJob(job.id))
  }

  async askVisits(cell: string): Promise<void> {
    // Of the map that was clicked: the controls may ask for something else by now.
    const { map } = this
    if (map === null) return
    const today = this.#live.readClock() + 8 * 3_600_000
    const day = (ahead: number) => new Date(today + ahead * 86_400_000).toISOString().slice(0, 10)
    await this.#try(async () => {
      const { source, categories } = map
      await orderDosage({ cell, source, categories, startsOn: day(0), endsOn: day(27) })
      this.dosages = (await readDosages()).dosages
    })
  }

  async endVisits(id: number): Promise<void> {
    await this.#try(async () => {
      await endDosage(id)
      this.dosages = (await readDosages()).dosages
    })
  }

  async #makeMap(input: HotspotMapInput): Promise<HotspotMap | null> {
    const job = await this.#run(() => startJob({ kind: 'hotspots:map', input }))
    const mapId = job?.result?.['mapId']
    return typeof mapId === 'number' ? readHotspotMap(mapId) : null
  }

  /** @returns the job when it is done; null where it was cancelled. @throws why it failed */
  async #run(start: () => Promise<Job>): Promise<Job | null> {
    const ended = await followJob(await start(), {
      heard: (id) => this.#live.jobs.get(id),
      onProgress: (job) => (this.job = job),
    })
    this.job = null
    if (ended.state === 'failed') throw new Error(ended.error ?? '')
    return ended.state === 'done' ? ended : null
  }

  async #try(work: () => Promise<unknown>): Promise<void> {
    this.problem = null
    try {
      await work()
    } catch (error) {
      this.job = null
      this.problem = error
    }
  }
}
