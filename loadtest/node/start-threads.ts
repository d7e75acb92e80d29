import { randomInt } from 'node:crypto'
import { cpus } from 'node:os'
import type { Services } from '@patrol/db/services'
import type { Bench } from './bench-city.ts'
import type { Boards } from './boards.ts'
import type { commands as loadCommands, LoadData } from './load-thread.ts'
import type { commands as screenCommands, ScreensData } from './screens-thread.ts'
import type { BenchScreen } from './seed-city.ts'
import type { Roles } from './server-process.ts'
import { startThread, type Thread } from './thread.ts'

/** What every run of a level is asked. */
export interface RunOptions {
  seconds?: number
  scale: number
  gateways: number
  /** Heavy work that runs beside the load (L1–L3, election eve). */
  with?: 'city-plan'
  say(line: string): void
  machine: { cores: number; model: string }
  /** Those of a test run. */
  services?: Services
  /** For the server's processes, such as --cpu-prof. */
  nodeOptions?: string[]
}

export function describeMachine() {
  return { cores: cpus().length, model: cpus()[0]?.model ?? 'unknown' }
}

/** One process for everything, as delivered; or several gateways with a relay and a worker of their own. */
export function rolesFor(gateways: number): Roles[] {
  if (gateways === 1) return ['gateway,relay,worker']
  return ['relay', 'worker', ...Array.from({ length: gateways }, (): Roles => 'gateway')]
}

export interface Threads {
  /** Marks the ids of this run's check-ins. */
  run: number
  screens: Thread<typeof screenCommands>
  load: Thread<typeof loadCommands>
  stop(): Promise<void>
}

/** The screens (those that follow first) and the phones, in a thread each. */
export function startThreads(
  bench: Bench,
  boards: Boards,
  parsing: readonly BenchScreen[],
  others: readonly BenchScreen[] = [],
  othersDo: 'counts' | 'skims' = 'counts',
): Threads {
  const run = randomInt(0x10000)
  const { origins, city } = bench
  const screensData: ScreensData = {
    run,
    origins,
    boards,
    screens: [
      ...parsing.map((screen) => ({ ...screen, kind: 'follows' as const })),
      ...others.map((screen) => ({ ...screen, kind: othersDo })),
    ],
  }
  const loadData: LoadData = {
    run,
    origins,
    boards,
    units: city.units,
    serverKey: bench.serverKey.toString('base64'),
  }
  const screens = startThread<typeof screenCommands>(
    new URL('screens-thread.ts', import.meta.url),
    screensData,
  )
  const load = startThread<typeof loadCommands>(new URL('load-thread.ts', import.meta.url), loadData)
  return {
    run,
    screens,
    load,
    stop: async () => {
      await Promise.all([screens.stop(), load.stop()])
    },
  }
}
