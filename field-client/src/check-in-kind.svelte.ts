import type { CheckInKind } from './check-in.ts'
import { field } from './field.svelte.ts'
import { route } from './route.svelte.ts'
import { watch } from './watch.svelte.ts'

/** The id of a scanning screen that ends the watch: `#scan/check-out`. */
export const CHECK_OUT = 'check-out'

let inspects = $state(false)

/** 督簽: a supervisor's own check-ins, beside the unit's. Forgotten by a reload: nobody inspects without knowing it. */
export const inspection = {
  get mayBegin(): boolean {
    return field.me?.roles.includes('supervisor') === true
  },
  get runs(): boolean {
    return inspects && inspection.mayBegin
  },
  set runs(now: boolean) {
    inspects = now
  },
}

/** Does the next tap or scan end the watch? On its own screen, and where that one has led to. */
export function endsWatch(): boolean {
  const { name, id } = route.screen
  return watch.running !== null && (name === 'watch' || id === CHECK_OUT)
}

/** What the next check-in is, by what the officer is doing. */
export function kindOfNextCheckIn(): CheckInKind {
  if (watch.running && endsWatch()) {
    const { checkInId, minutes } = watch.running
    return { act: 'check-out', watch: { checkInId, minutes } }
  }
  return inspection.runs ? { role: 'supervisor' } : {}
}
