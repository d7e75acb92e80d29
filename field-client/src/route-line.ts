import type { Duty, DutyLine } from '@patrol/contract'
import { askRouteLine } from './api.ts'
import { field } from './field.svelte.ts'
import { readSetting, type Store, writeSetting } from './store.ts'

/** The legs of one version of a planned route, kept so that the sketch is there without a signal. */
export type KeptLine = DutyLine

/** Fetches the way of the planned route where the duty names one whose way is not here yet. */
export async function refreshRouteLine(store: Store, { plannedRouteVersion }: Duty): Promise<void> {
  const version = plannedRouteVersion ?? null
  if (version !== null && field.routeLine?.version === version) return
  // What is here belongs to another route: it is gone even where the new one cannot be fetched.
  field.routeLine = null
  if (version === null) {
    await store.delete('setting', 'routeLine')
    return
  }
  // Meanwhile the officer may log out, and another duty may come: then its own way is asked for.
  const isWanted = () => field.duty?.plannedRouteVersion === version
  const kept = await readSetting(store, 'routeLine')
  if (!isWanted()) return
  if (kept?.version === version) {
    field.routeLine = kept
    return
  }
  const answer = await askRouteLine()
  if (answer.kind !== 'ok' || answer.value.version !== version || !isWanted()) return
  field.routeLine = answer.value
  await writeSetting(store, 'routeLine', answer.value)
}
