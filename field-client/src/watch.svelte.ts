import { field } from './field.svelte.ts'
import { readSetting, type RunningWatch, type Store, writeSetting } from './store.ts'

/** As the contract takes them. */
const LEAST_MINUTES = 5
const MOST_MINUTES = 10

let kept = $state.raw<RunningWatch | null>(null)

/** 守望: the watch of the officer who is logged in; on the disk, so that a reload or an empty battery goes on counting. */
export const watch = {
  get running(): RunningWatch | null {
    return kept && kept.officerId === field.officer?.id ? kept : null
  },
  /** Seconds until it is over; 0 from then on. */
  get secondsLeft(): number {
    if (!kept) return 0
    return Math.max(0, Math.ceil((kept.startedAt + kept.minutes * 60_000 - field.serverNow) / 1_000))
  },
}

export async function loadWatch(store: Store): Promise<void> {
  kept = (await readSetting(store, 'watch')) ?? null
}

/** Begins with the check-in that tapped in. Another one that runs goes on: only one can be ended by a tap. */
export async function beginWatch(store: Store, begun: Omit<RunningWatch, 'officerId'>): Promise<void> {
  const officerId = field.officer?.id
  if (officerId === undefined || watch.running) return
  const minutes = Math.min(MOST_MINUTES, Math.max(LEAST_MINUTES, begun.minutes))
  kept = { ...begun, minutes, officerId }
  await writeSetting(store, 'watch', kept)
}

export async function endWatch(store: Store): Promise<void> {
  kept = null
  await store.delete('setting', 'watch')
}
