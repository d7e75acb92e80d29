import type { PlannedRoute, PlannerChoices, RouteLines, RoutePlan, RoutePlanRequest } from '@patrol/contract'
import {
  assignRoute,
  cancelJob,
  orderStops,
  readFollowed,
  readPlan,
  readPlanner,
  readPlansOf,
  readRouteLine,
  replanUnit,
  requestPlan,
  withdrawRoute,
} from './planner-api.ts'

/** A plan takes seconds: looked at so often while it is made. */
const lookMs = 600
const followMs = 10_000

/** What the planner page knows: the choices, the plan at hand with its alternatives, and the route in focus. */
export class Planner {
  choices = $state.raw<PlannerChoices>({ stations: [], shifts: [] })
  plan = $state.raw<RoutePlan | null>(null)
  followed = $state.raw<PlannedRoute[]>([])
  alternative = $state(0)
  chosenId = $state<string | null>(null)
  lines = $state.raw<ReadonlyMap<string, RouteLines>>(new Map())
  /** Waits for the server with this: buttons rest meanwhile. */
  busy = $state<'' | 'plan' | 'edit' | 'assign' | 'replan'>('')
  notice = $state<'' | 'replanned'>('')
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

  async start(): Promise<void> {
    await this.#try(async () => {
      this.choices = await readPlanner(null)
      await this.refreshFollowed()
    })
    const timer = setInterval(() => void this.refreshFollowed().catch(() => undefined), followMs)
    this.stop = () => {
      this.#stopped = true
      clearInterval(timer)
    }
  }
  stop: () => void = () => (this.#stopped = true)

  async chooseStation(stationId: number): Promise<void> {
    await this.#try(async () => {
      this.choices = await readPlanner(stationId)
    })
  }

  /** The last plan of a shift, where there is one. */
  async openShift(shiftId: number): Promise<void> {
    await this.#try(async () => {
      const { plans } = await readPlansOf(shiftId)
      this.#open(plans[0] ?? null)
    })
  }

  async make(request: RoutePlanRequest): Promise<void> {
    this.busy = 'plan'
    await this.#try(async () => {
      this.#open(await requestPlan(request))
      while (this.plan?.state === 'planning' && !this.#stopped) {
        await new Promise((resolve) => setTimeout(resolve, lookMs))
        const plan = await readPlan(request.id)
        if (plan.state !== 'planning') this.#open(plan)
        else this.plan = plan
      }
    })
    this.busy = ''
  }

  async cancel(): Promise<void> {
    const jobId = this.plan?.jobId
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

  /** Waits until the unit has another route, at most half a minute. */
  async replan(route: PlannedRoute): Promise<void> {
    this.busy = 'replan'
    this.notice = ''
    await this.#try(async () => {
      await replanUnit(route.unitId)
      for (let tries = 0; tries < 50 && !this.#stopped; tries++) {
        await new Promise((resolve) => setTimeout(resolve, lookMs))
        await this.refreshFollowed()
        const anew = this.followed.find((each) => each.unitId === route.unitId && each.id !== route.id)
        if (anew === undefined) continue
        this.chosenId = anew.id
        this.notice = 'replanned'
        await this.#loadLine(anew.id)
        return
      }
    })
    this.busy = ''
  }

  async refreshFollowed(): Promise<void> {
    this.followed = (await readFollowed()).routes
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
    if (this.plan === null) return
    const routes = this.plan.routes.map((each) => (each.id === route.id ? route : each))
    this.plan = { ...this.plan, routes }
    this.followed = this.followed.map((each) => (each.id === route.id ? route : each))
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
