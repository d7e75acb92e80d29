import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { workerData } from 'node:worker_threads'
import type { Event } from '@patrol/contract'
import { numberOfCheckIn } from '../lib/check-in-id.ts'
import { now, type Boards } from './boards.ts'
import { openCountingScreen, type CountingScreen } from './counting-screen.ts'
import { openFollowingScreen, type FollowingScreen } from './following-screen.ts'
import { openSkimmingScreen } from './skimming-screen.ts'
import { round } from './percentiles.ts'
import type { BenchScreen } from './seed-city.ts'
import { answerCommands } from './thread.ts'

/** Parses and applies everything, keeps only its position, or counts bytes. */
export type ScreenKind = 'follows' | 'skims' | 'counts'

/** The screens of a run, in a thread of their own: those that follow first. */
export interface ScreensData {
  run: number
  origins: string[]
  screens: (BenchScreen & { kind: ScreenKind })[]
  boards: Boards
}

export interface ScreensReport {
  /** Of each parsed screen, in order. */
  screens: { tallies: ReturnType<FollowingScreen['tallies']>; serviceOn: string }[]
  counts: FollowingScreen['counts']
  loopDelayP99: number
}

/** Screens dial one after the other; a herd all at once. */
const dialEveryMs = 4

const { run, origins, screens, boards }: ScreensData = workerData
const following: FollowingScreen[] = []
const others: CountingScreen[] = []
const loop = monitorEventLoopDelay({ resolution: 10 })

export const commands = {
  /** Connects all of them; resolves when each is live and has its snapshot. */
  async open(): Promise<void> {
    for (const [nr, screen] of screens.entries()) {
      open(nr, screen)
      await sleep(dialEveryMs)
    }
    await untilEach(
      (nr) => boards.live[nr] === 1 && (screens[nr]?.kind === 'counts' || (boards.pos[nr] ?? -1) >= 0),
    )
    loop.enable()
  },
  /** The network of all screens goes away. */
  cut(): void {
    for (const screen of [...following, ...others]) screen.cut()
  },
  async comeBack({ withinMs }: { withinMs: number }): Promise<void> {
    // Walls and consoles mixed, as they come.
    const started = performance.now()
    const all = [...following, ...others].sort(() => Math.random() - 0.5)
    for (const [nr, screen] of all.entries()) {
      screen.comeBack()
      const ahead = ((nr + 1) / all.length) * withinMs - (performance.now() - started)
      if (ahead > 1) await sleep(ahead)
    }
  },
  report(): ScreensReport {
    const counts = { gaps: 0, pages: 0, connects: 0, failures: 0, snapshots: 0 }
    for (const screen of following) {
      counts.gaps += screen.counts.gaps
      counts.pages += screen.counts.pages
      counts.connects += screen.counts.connects
      counts.failures += screen.counts.failures
      counts.snapshots += screen.counts.snapshots
    }
    return {
      screens: following.map((screen) => ({ tallies: screen.tallies(), serviceOn: screen.serviceOn() })),
      counts,
      loopDelayP99: round(loop.percentile(99) / 1e6),
    }
  },
  close(): void {
    for (const screen of [...following, ...others]) screen.close()
  },
}

function open(nr: number, screen: BenchScreen & { kind: ScreenKind }) {
  const origin = origins[nr % origins.length] ?? ''
  const live = (isOpen: boolean) => (boards.live[nr] = isOpen ? 1 : 0)
  const received = (bytes: number) => {
    boards.bytes[nr] = (boards.bytes[nr] ?? 0) + bytes
    boards.messages[nr] = (boards.messages[nr] ?? 0) + 1
  }
  if (screen.kind === 'counts') {
    others.push(openCountingScreen(origin, screen.cookie, { live, received }))
    return
  }
  boards.pos[nr] = -1
  const opened = (pos: number) => {
    boards.startPos[nr] = pos
    boards.pos[nr] = pos
  }
  const moved = (pos: number) => (boards.pos[nr] = pos)
  if (screen.kind === 'skims') {
    others.push(openSkimmingScreen(origin, screen.cookie, { live, received, opened, moved }))
    return
  }
  const applied = (event: Event) => note(nr, event)
  following.push(openFollowingScreen(origin, screen.cookie, { live, received, opened, moved, applied }))
}

function note(screen: number, event: Event) {
  boards.events[screen] = (boards.events[screen] ?? 0) + 1
  boards.posSum[screen] = (boards.posSum[screen] ?? 0) + event.pos
  if (event.type !== 'check-in:recorded') return
  boards.shownCheckIns[screen] = (boards.shownCheckIns[screen] ?? 0) + 1
  const number = numberOfCheckIn(event.data.id, run)
  if (number < 0 || number >= boards.checkIns) return
  const at = screen * boards.checkIns + number
  boards.seen[at] = (boards.seen[at] ?? 0) + 1
  if (boards.wallMs.length === 0) return
  boards.wallMs[at] = now() - (boards.sentAt[number] ?? NaN)
  boards.eventMs[at] = Date.now() - Date.parse(event.at)
}

async function untilEach(holds: (nr: number) => boolean) {
  const deadline = Date.now() + 90_000
  while (!screens.every((_, nr) => holds(nr))) {
    if (Date.now() > deadline) {
      const missing = screens.filter((_, nr) => !holds(nr)).length
      throw new Error(`${missing} of ${screens.length} screens do not get their city.`)
    }
    await sleep(20)
  }
}

answerCommands(commands)
