import type { Breadcrumb } from '@patrol/contract'
import type { KnownTracker } from './identify-device.ts'
import type { BreadcrumbOrigin } from './ingest-breadcrumbs.ts'
import type { TrackerPosition } from './protocols/tracker-message.ts'

/** Scalars, or lists and objects of such. */
type Details = Record<string, unknown>

/** A breadcrumb lives for days and there are millions: what a device may add to one is bounded. */
const maxDetailsLength = 4_000
const maxTextLength = 200

/** A position of a tracker as a breadcrumb; null for a keep-alive, which has no place. */
export function toBreadcrumb(
  position: TrackerPosition,
  tracker: KnownTracker,
): { crumb: Breadcrumb; origin: BreadcrumbOrigin } | null {
  const { lon, lat } = position
  if (lon === null || lat === null) return null
  const isBelieved = position.valid !== false && position.mock !== true
  return {
    crumb: {
      lon,
      lat,
      recordedAt: position.recordedAt.toISOString(),
      accuracyMeters: position.accuracyMeters,
      speedMps: position.speedMps,
      headingDegrees: position.headingDegrees,
      batteryPercent: position.batteryPercent === null ? null : Math.round(position.batteryPercent),
    },
    origin: {
      isEvidence: isBelieved && tracker.isPaired,
      movesUnit: isBelieved,
      trackerDetails: describeDetails(position),
    },
  }
}

/** What a position tells besides the columns of a breadcrumb, without what is unknown; null when there is nothing. */
export function describeDetails(position: TrackerPosition): Details | null {
  const scalars = clean({
    valid: position.valid,
    mock: position.mock,
    altitudeMeters: position.altitudeMeters,
    charging: position.charging,
    moving: position.moving,
    alarm: position.alarm,
    event: position.event,
    activity: position.activity,
    odometerMeters: position.odometerMeters,
    messageId: position.messageId,
  })
  const all = clean({
    ...scalars,
    cellTowers: position.cellTowers,
    wifiAccessPoints: position.wifiAccessPoints,
    attributes: position.attributes,
  })
  const kept = JSON.stringify(all).length > maxDetailsLength ? scalars : all
  return Object.keys(kept).length === 0 ? null : kept
}

/** Without null and empty entries, texts cut short. */
function clean(details: Details): Details {
  return Object.fromEntries(
    Object.entries(details).flatMap(([name, value]) => {
      const cleaned = cleanValue(value)
      return isEmpty(cleaned) ? [] : [[name.slice(0, maxTextLength), cleaned] as const]
    }),
  )
}

function cleanValue(value: unknown): unknown {
  if (typeof value === 'string') return value.slice(0, maxTextLength)
  if (Array.isArray(value)) return value.map(cleanValue)
  return typeof value === 'object' && value !== null ? clean({ ...value }) : value
}

function isEmpty(value: unknown): boolean {
  return value === null || (typeof value === 'object' && Object.keys(value).length === 0)
}
