import type { CheckIn, CheckInReceipt, Duty, Me } from '@patrol/contract'
import type { TelemetryState } from './breadcrumbs.ts'
import { isOnDuty, markPoints, orderPoints } from './duty.ts'
import type { KeptLine } from './route-line.ts'
import type { Measured, PositionProblem } from './position.ts'
import type { SosEntry } from './store.ts'
import { type Beacon, type ClockMark, serverTimeOf } from './server-time.ts'

/** `expired`: the server wants a new log-in; the officer goes on checking in, and nothing is uploaded until then. */
export type Access = 'logged-out' | 'logged-in' | 'expired'

/** `asks`: the officer has to allow it; `off`: the phone's NFC is switched off. */
export type NfcState = 'absent' | 'asks' | 'reading' | 'denied' | 'off'

/** What the screens show. Written by session.ts, upload.ts and App.svelte; nothing here is the only copy. */
class FieldState {
  access = $state<Access>('logged-out')
  me = $state.raw<Me | null>(null)
  duty = $state.raw<Duty | null>(null)
  /** When the duty was fetched, ms of the device; the screen says its age. */
  dutyAt = $state(0)
  /** The way of the planned route on the ground; null until it is known. */
  routeLine = $state.raw<KeptLine | null>(null)
  /** Did the last request reach the server? */
  online = $state(true)
  visible = $state(document.visibilityState === 'visible')
  /** The device's time, renewed every second while visible. */
  deviceNow = $state(Date.now())
  mark = $state.raw<ClockMark | null>(null)
  beacon = $state.raw<Beacon | null>(null)

  waiting = $state(0)
  held = $state(0)
  /** Counts changes of the outbox, here or in another tab: lists read it to know when to load again. */
  outboxChanges = $state(0)

  /** The newest of both, for the marks in the list of points. */
  lastWaiting = $state.raw<CheckIn[]>([])
  lastReceipts = $state.raw<CheckInReceipt[]>([])

  measured = $state.raw<Measured | null>(null)
  positionProblem = $state<PositionProblem | null>(null)
  telemetry = $state<TelemetryState>('off')

  nfc = $state<NfcState>('absent')
  /** The officer wants to tap tags: the browser may ask for the permission. */
  tagsAsked = $state(false)
  /** What was wrong with the last tag, until the next. */
  tagNotice = $state<'foreign' | 'unreadable' | null>(null)
  /** This officer's calls for help, newest first. */
  calls = $state.raw<SosEntry[]>([])
  /** A newer version of this app is ready to take over. */
  updateReady = $state(false)

  #marks = $derived(markPoints(this.duty?.points ?? [], this.lastWaiting, this.lastReceipts))
  /** Points of the shift in the order in which to visit them. */
  points = $derived(orderPoints(this.duty?.points ?? [], this.serverNow, this.here, this.#marks))

  get officer() {
    return this.me?.officer ?? null
  }
  get serverNow(): number {
    return serverTimeOf(this.deviceNow, this.mark)
  }
  get onDuty(): boolean {
    return isOnDuty(this.duty, this.serverNow)
  }
  /** The place, while it is fresh enough to say how far it is to somewhere. */
  get here(): Measured | null {
    return this.measured && this.deviceNow - this.measured.deviceMs < 90_000 ? this.measured : null
  }
  /** Where to go now: something is due there, or will be. */
  get next() {
    const first = this.points[0]
    if (!first) return null
    const isOnWay = first.state === 'none' && first.point.plannedAt != null
    return isOnWay || ['due', 'overdue', 'later'].includes(first.state) ? first : null
  }
}

export const field = new FieldState()
