import type { Tx } from '@patrol/db'
import type { KnownKind } from '../alert-kinds.ts'
import type { Rules } from '../alert-rules.ts'
import type { AlertCause } from '../raise-alert.ts'

/** Finds every cause of its kind that stands now. One that it finds no more is over. */
export interface Rule {
  kind: KnownKind
  /** How often it is worth looking, seconds of the city's time. */
  everySeconds: number
  find(tx: Tx, given: { now: Date; rules: Rules }): Promise<AlertCause[]>
}
