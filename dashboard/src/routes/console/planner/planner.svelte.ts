import type {
  CityPlanInput,
  CityPlanResult,
  Event,
  Job,
  PlannedRoute,
  PlannerChoices,
  RouteLines,
  RoutePlan,
  RoutePlanRequest,
} from '@patrol/contract'
import { readRoutes } from '../../../lib/api.ts'
import { inOrder } from '../../../lib/in-order.ts'
import { cancelJob, followJob, readJob, startJob } from '../../../lib/jobs.ts'
import type { Live } from '../../../lib/live/live.svelte.ts'
import {
  assignRoute,
  orderStops,
  readCityPlan,
  readCityPlans,
  readPlan,
  readPlanner,
  readPlansOf,
  readRouteLine,
  readNotReplanned,
  replanUnit,
  requestPlan,
  withdrawRoute,
  type NotReplanned,
} from './planner-api.ts'
import { PlanWishes } from './plan-wishes.svelte.ts'

/** A plan takes seconds: looked at so often while it is made. */
const lookMs = 600
/** Routes come with the screen's own events; this only mends what a screen missed. */
const followMs = 60_000
const noteMs = 500

/** What the planner page knows: the choices, the plan at hand with its alternatives, and the route in focus. */
export class Planner {
  choices = $state.raw<PlannerChoices>({ stations: [], shifts: [], starts: [] })
  plan = $state.raw<RoutePlan | null>(null)
  followed = $state.raw<PlannedRoute[]>([])
  alternative = $state(0)
  chosenId = $state<string | null>(null)
  lines = $state.raw<ReadonlyMap<string, RouteLines>>(new Map())
  /** Waits for the server with this: buttons rest meanwhile. */
  busy = $state<'' | 'plan' | 'edit' | 'assign' | 'replan' | 'city'>('')
  readonly wishes = new PlanWishes()
  /** The plan of all stations, and the job that makes one. */
  city = $state.raw<CityPlanResult | null>(null)
  cityJob = $state.raw<Job | null>(null)
  notice = $state<'' | 'replanned' | NotReplanned>('')
  problem = $state.raw<unknown>(null)

  readonly shown = $derived(
    (this.plan?.routes ?? [])
      .map((route) => this.followed.find((each) => each.id === route.id) ?? route)
      .filter((route) => route.alternative === this.alternative && route.state !== 'superseded'),
  )
  readonly chosen = $derived(
    [...this.shown, ...this.followed].find((route) => route.id === this.chosenId) ?? null,
  )
  readonly alternatives = $derived(
    [...new Set((this.plan?.routes ?? []).map((route) => route.alternative))].sort((a, b) => a - b),
  )
  #stopped = false
  #noting: ReturnType<typeof setTimeout> | undefined
  /** What was asked for last is shown, whatever is answered last. */
  #openings = 0
  readonly #readRoutes = inOrder(readRoutes)
  /** Events about routes so far. */
  #heard = 0
  /** Whether `followed` began with a list of the server's. */
  #isRead = false
  readonly #live: Live

  constructor(live: Live) {
    this.#live = live
  }

  async start(): Promise<void> {
    const timer = setInterval(() => void this.refreshFollowed().catch(() => undefined), followMs)
    const unlisten = this.#live.addListener((events) => this.#hear(events))
    this.stop = () => {
      this.#stopped = true
      clearInterval(timer)
      clearTimeout(this.#noting)
      unlisten()
    }
    await this.#try(async () => {
      this.choices = await readPlanner(null)
      await this.refreshFollowed()
    })
  }
  stop: () => void = () => (this.#stopped = true)

  async chooseStation(stationId: number): Promise<void> {
    this.wishes.forget()
    await this.#try(async () => {
      this.choices = await readPlanner(stationId)
    })
  }

  /** The last plan of a shift, where there is one. */
  async openShift(shiftId: number): Promise<void> {
    const opening = ++this.#openings
    this.city = null
    await this.#try(async () => {
      const { plans } = await readPlansOf(shiftId)
      if (opening === this.#openings) this.#open(plans[0] ?? null)
    })
  }

  async make(request: RoutePlanRequest): Promise<void> {
    this.busy = 'plan'
    const opening = ++this.#openings
    await this.#try(async () => {
      const asked = await requestPlan(request)
      if (opening === this.#openings) this.#open(asked)
      while (opening === this.#openings && this.plan?.state === 'planning' && !this.#stopped) {
        await new Promise((resolve) => setTimeout(resolve, lookMs))
        const plan = await readPlan(request.id)
        if (opening !== this.#openings) return
        if (plan.state !== 'planning') this.#open(plan)
        else this.plan = plan
      }
    })
    this.busy = ''
  }

  /** Plans all stations of an area that begin at one time. */
  async makeCity(input: CityPlanInput): Promise<void> {
    this.busy = 'city'
    this.city = null
    await this.#try(async () => {
      const started = await startJob({ kind: 'routes:city', input, key: crypto.randomUUID() })
      const ended = await followJob(started, {
        heard: (id) => this.#live.jobs.get(id),
        onProgress: (job) => (this.cityJob = job),
      })
      if (ended.state === 'failed') throw new Error(ended.error ?? '')
      if (ended.state === 'done') this.city = readCityPlan(ended)
    })
    this.cityJob = null
    this.busy = ''
  }

  /** The last plan of all stations for that time and area. */
  async openCity(startsAt: string, precinctId: number | null): Promise<void> {
    const opening = ++this.#openings
    this.#open(null)
    this.city = null
    await this.#try(async () => {
      const { jobs } = await readCityPlans()
      if (opening !== this.#openings) return
      const last = jobs
        .map(readCityPlan)
        .find((each) => each?.startsAt === startsAt && each.precinctId === precinctId)
      this.city = last ?? null
    })
  }

  async cancel(): Promise<void> {
    const jobId = this.cityJob?.id ?? this.plan?.jobId
    if (jobId != null) await this.#try(() => cancelJob(jobId))
  }

  choose(routeId: string | null): void {
    this.chosenId = routeId
    this.notice = ''
  }

  showAlternative(alternative: number): void {
    this.alternative = alternative
    this.choose(this.shown[0]?.id ?? null)
    void this.loadLines()
  }

  async order(route: PlannedRoute, pointIds: number[]): Promise<void> {
    this.busy = 'edit'
    await this.#try(async () => {
      this.#put(await orderStops(route.id, pointIds))
      await this.#loadLine(route.id)
    })
    this.busy = ''
  }

  async assign(route: PlannedRoute): Promise<void> {
    this.busy = 'assign'
    await this.#try(async () => {
      this.#put(await assignRoute(route.id))
      await this.refreshFollowed()
    })
    this.busy = ''
  }

  async withdraw(route: PlannedRoute): Promise<void> {
    this.busy = 'assign'
    await this.#try(async () => {
      this.#put(await withdrawRoute(route.id))
      await this.refreshFollowed()
    })
    this.busy = ''
  }

  /** Waits until the unit has another route or none can be made, at most half a minute. */
  async replan(route: PlannedRoute): Promise<void> {
    this.busy = 'replan'
    this.notice = ''
    // Who has opened another plan meanwhile is left there.
    const opening = this.#openings
    await this.#try(async () => {
      const { jobId } = await replanUnit(route.unitId)
      for (let tries = 0; tries < 50 && !this.#stopped; tries++) {
        await new Promise((resolve) => setTimeout(resolve, lookMs))
        const { state, result, error } = await readJob(jobId)
        if (state === 'failed') throw new Error(error ?? '')
        if (state !== 'done') continue
        await this.refreshFollowed()
        if (opening !== this.#openings) return
        const routeId = result?.['routeId'] ?? null
        const anew = this.followed.find((each) => each.id === routeId)
        // Made, but the list was overtaken by an event of another: looked at once more.
        if (anew === undefined && routeId !== null) continue
        if (anew === undefined) {
          this.notice = readNotReplanned(result?.['reason'])
          return
        }
        this.#put(anew)
        this.alternative = anew.alternative
        this.chosenId = anew.id
        this.notice = 'replanned'
        await this.#loadLine(anew.id)
        return
      }
      if (opening === this.#openings) this.notice = 'late'
    })
    this.busy = ''
  }

  /** A route that a unit was given, that changed or that was taken back. */
  #hear(events: readonly Event[]): void {
    for (const event of events) {
      if (event.type === 'check-in:recorded') this.#noteVisit(event.data.unitId)
      if (event.type !== 'route:assigned' && event.type !== 'route:withdrawn') continue
      const route = event.data
      this.#heard++
      // Who watches a unit goes on watching it when its route is planned anew.
      const isWatched = this.chosen?.state === 'assigned' && this.chosen.unitId === route.unitId
      const others = this.followed.filter(({ id, unitId }) => id !== route.id && unitId !== route.unitId)
      this.followed = event.type === 'route:assigned' ? [...others, route] : others
      this.#put(route)
      this.#settle()
      if (isWatched && event.type === 'route:assigned') {
        this.chosenId = route.id
        void this.loadLines()
      }
      if (this.lines.has(route.id)) void this.#loadLine(route.id).catch(() => undefined)
    }
  }

  /** A unit of a route that is followed signed somewhere: the list is read once for all that sign within a moment. */
  #noteVisit(unitId: number | null): void {
    if (this.followed.some((route) => route.unitId === unitId)) this.#refreshSoon()
  }

  #refreshSoon(): void {
    if (this.#stopped) return
    this.#noting ??= setTimeout(() => {
      this.#noting = undefined
      void this.refreshFollowed().catch(() => undefined)
    }, noteMs)
  }

  async refreshFollowed(): Promise<void> {
    const heard = this.#heard
    const answer = await this.#readRoutes()
    if (answer === null) return
    // Asked before a unit was given its route, the answer may not have it yet.
    if (heard !== this.#heard) return this.#refreshSoon()
    this.followed = answer.routes
    this.#isRead = true
    this.#settle()
  }

  /** What was followed and is no more has ended: a unit follows one route at a time. */
  #settle(): void {
    // Of what events told alone nothing has ended: the others were never asked for.
    if (this.plan === null || !this.#isRead) return
    const now = new Set(this.followed.map(({ id }) => id))
    const routes = this.plan.routes.map((route) =>
      route.state === 'assigned' && !now.has(route.id) ? { ...route, state: 'superseded' as const } : route,
    )
    this.plan = { ...this.plan, routes }
  }

  async loadLines(): Promise<void> {
    for (const route of this.shown) if (!this.lines.has(route.id)) await this.#loadLine(route.id)
    if (this.chosenId !== null && !this.lines.has(this.chosenId)) await this.#loadLine(this.chosenId)
  }

  #open(plan: RoutePlan | null): void {
    this.plan = plan
    this.lines = new Map()
    this.alternative = 0
    this.choose(this.shown[0]?.id ?? null)
    void this.loadLines()
  }

  #put(route: PlannedRoute): void {
    this.followed = this.followed.map((each) => (each.id === route.id ? route : each))
    if (this.plan?.id !== route.planId) return
    const others = this.plan.routes.filter(({ id }) => id !== route.id)
    const at = this.plan.routes.findIndex(({ id }) => id === route.id)
    // Planned anew on its way, it is a new one of the same plan.
    const routes = at < 0 ? [...others, route] : others.toSpliced(at, 0, route)
    this.plan = { ...this.plan, routes }
  }

  async #loadLine(routeId: string): Promise<void> {
    const line = await readRouteLine(routeId)
    this.lines = new Map(this.lines).set(routeId, line)
  }

  async #try(act: () => Promise<unknown>): Promise<void> {
    this.problem = null
    try {
      await act()
    } catch (error) {
      this.problem = error
    }
  }
}
