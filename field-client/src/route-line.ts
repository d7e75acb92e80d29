import type { Duty, RouteLines } from '@patrol/contract'
import { askRouteLine } from './api.ts'
import { field } from './field.svelte.ts'
import { routeVersion } from './duty.ts'
import { readSetting, type Store, writeSetting } from './store.ts'

/** The legs of one planned route, kept so that the sketch is there without a signal. */
export type KeptLine = RouteLines & { version: string }

/** Fetches the way of the planned route where the duty names one whose way is not here yet. */
export async function refreshRouteLine(store: Store, duty: Duty): Promise<void> {
  const version = routeVersion(duty)
  if (version === null) {
    field.routeLine = null
    await store.delete('setting', 'routeLine')
    return
  }
  if (field.routeLine?.version === version) return
  const kept = await readSetting(store, 'routeLine')
  if (kept?.version === version) {
    field.routeLine = kept
    return
  }
  const answer = await askRouteLine()
  // The officer went on, or another route came meanwhile: its own answer is on the way.
  if (answer.kind !== 'ok' || field.duty === null || routeVersion(field.duty) !== version) return
  field.routeLine = { version, legs: answer.value.legs }
  await writeSetting(store, 'routeLine', field.routeLine)
}
