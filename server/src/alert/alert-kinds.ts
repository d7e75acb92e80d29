/** A number that an administrator may set for a rule. */
export interface Threshold {
  byDefault: number
  minimum: number
  maximum: number
}

export interface AlertKind {
  /**
   * An event has happened and cannot un-happen: it is shown at once and stands until somebody has answered it. A condition
   * is found again and again by a rule: it begins after the on-delay and goes by itself.
   */
  nature: 'event' | 'condition'
  priority: 1 | 2 | 3
  /** Of an event: how long it stays on the list after its answer, or after it happened again. Null: until a person closes it. */
  holdSeconds: number | null
  /** May it be shelved, suppressed by a plan, taken out of service or switched off? */
  canBeQuiet: boolean
  thresholds: Readonly<Record<string, Threshold>>
}

/** DESIGN §6: a condition begins after one minute and is over after two; what is urgent begins at once. */
export const onDelaySeconds = { 1: 0, 2: 60, 3: 60 } as const
export const offDelaySeconds = 120

const halfHour = 1_800

const event = (priority: 1 | 2 | 3, given: Partial<AlertKind> = {}): AlertKind => ({
  nature: 'event',
  priority,
  holdSeconds: halfHour,
  canBeQuiet: true,
  thresholds: {},
  ...given,
})

const condition = (priority: 1 | 2 | 3, thresholds: AlertKind['thresholds'] = {}): AlertKind => ({
  nature: 'condition',
  priority,
  holdSeconds: null,
  canBeQuiet: true,
  thresholds,
})

const minutes = (byDefault: number, maximum = 1_440): Threshold => ({ byDefault, minimum: 1, maximum })

/** Every cause that is known, and what may be set about it. Rows that stand for others are made by the sweep (below). */
export const alertKinds = {
  // A cry for help: never quiet, never off, closed by nobody but a person.
  sos: event(1, { holdSeconds: null, canBeQuiet: false }),
  'replayed-tag': event(1),
  'harvested-tag': event(1),
  'forged-tag': event(2),
  'tag-revoked': event(2),
  'far-from-place': event(2),
  'impossible-travel': event(2),
  'device-shared': event(2),
  'clock-skew': event(3),
  'missed-windows': event(2, {
    holdSeconds: 3_600,
    thresholds: { points: { byDefault: 10, minimum: 2, maximum: 500 } },
  }),
  'urgent-call-silent-unit': condition(1, {
    withinMeters: { byDefault: 1_500, minimum: 100, maximum: 20_000 },
    silentMinutes: minutes(5, 120),
    callMinutes: minutes(30, 240),
  }),
  'route-at-risk': condition(2, {
    overdueInRow: { byDefault: 3, minimum: 2, maximum: 20 },
    donePercent: { byDefault: 60, minimum: 1, maximum: 100 },
  }),
  'upload-backlog': condition(2, { minutes: minutes(15) }),
  'hotspot-void': condition(2, { minutes: minutes(60) }),
  'district-void': condition(3, { minutes: minutes(120) }),
  'gps-off': condition(3, { minutes: minutes(30, 480) }),
  'off-area': condition(3, { meters: { byDefault: 500, minimum: 0, maximum: 20_000 } }),
  'failing-label': condition(3, {
    times: { byDefault: 3, minimum: 2, maximum: 100 },
    days: { byDefault: 7, minimum: 1, maximum: 30 },
  }),
  'high-risk-overdue': condition(3),
} as const satisfies Record<string, AlertKind>

export type KnownKind = keyof typeof alertKinds

const all: Readonly<Record<string, AlertKind | undefined>> = alertKinds

/** A kind of a later version, or of another part of the system, is an event like any other. */
export function kindOf(kind: string): AlertKind {
  return all[kind] ?? event(2)
}

export function isKnownKind(kind: string): kind is KnownKind {
  return all[kind] !== undefined
}
