import proj4 from 'proj4'

/** TWD97 / TM2 zone 121 (EPSG:3826), in which Taiwanese bureaus keep positions. */
proj4.defs(
  'EPSG:3826',
  '+proj=tmerc +lat_0=0 +lon_0=121 +k=0.9999 +x_0=250000 +y_0=0 +ellps=GRS80 +units=m +no_defs',
)

/** Full-width digits, letters and signs as their half-width ones. */
export function toHalfWidth(text: string): string {
  return text
    .replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replace(/\u3000/g, ' ')
    .trim()
}

/** A number, also in full-width digits or with thousands commas; null for anything else. */
export function parseNumber(text: string): number | null {
  const plain = toHalfWidth(text).replace(/,(?=\d{3})/g, '')
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : null
}

/** Taiwan and its islands. Anything outside is a slip: swapped columns, zeros, another datum. */
const bounds = { west: 118, east: 123, south: 21, north: 26.5 }

/** A position in WGS84 from WGS84 or TWD97 coordinates; null where it is not in Taiwan. */
export function parsePosition(x: string, y: string): [lon: number, lat: number] | null {
  const [east, north] = [parseNumber(x), parseNumber(y)]
  if (east === null || north === null) return null
  const isTwd97 = east > 100_000 && north > 2_000_000
  const [lon = NaN, lat = NaN] = isTwd97 ? proj4('EPSG:3826', 'WGS84', [east, north]) : [east, north]
  const inside = lon > bounds.west && lon < bounds.east && lat > bounds.south && lat < bounds.north
  return inside ? [Math.round(lon * 1e7) / 1e7, Math.round(lat * 1e7) / 1e7] : null
}

interface Day {
  year: number
  month: number
  day: number
}

/**
 * A day: `2018-01-04`, `2018/1/4`, `20180104`, and in ROC years `107/1/4`, `107年1月4日`, `1070104`. Null for what is no day of
 * the calendar.
 */
export function parseDay(text: string): Day | null {
  const plain = toHalfWidth(text).replace(/^民國\s*/, '')
  const parts =
    /^(\d{2,4})[-/.年]\s*(\d{1,2})[-/.月]\s*(\d{1,2})日?$/.exec(plain) ??
    /^(\d{2,4})(\d{2})(\d{2})$/.exec(plain)
  if (parts === null) return null
  const [written = 0, month = 0, day = 0] = parts.slice(1).map(Number)
  const year = written < 1_000 ? written + 1_911 : written
  const date = new Date(Date.UTC(year, month - 1, day))
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return exists ? { year, month, day } : null
}

/** Seconds after midnight: `16:43`, `16:43:05`, `164305`, `1643`, `16時43分`; null for what is no time. */
export function parseClock(text: string): number | null {
  const plain = toHalfWidth(text)
  const parts =
    /^(\d{1,2})[:時]\s*(\d{1,2})(?:[:分]\s*(\d{1,2}(?:\.\d+)?)?秒?)?$/.exec(plain) ??
    /^(\d{1,2})(\d{2})(\d{2})$/.exec(plain) ??
    /^(\d{1,2})(\d{2})()$/.exec(plain)
  if (parts === null) return null
  const [hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part || 0))
  return hours < 24 && minutes < 60 && seconds < 60
    ? hours * 3_600 + minutes * 60 + Math.floor(seconds)
    : null
}

/**
 * An instant from one column (`2015-04-15 00:22:00`, ISO 8601) or from a day and a time. Without an offset it is local
 * time in Taipei, which has kept +08:00 without summer time since 1980. Null when it cannot be read.
 */
export function parseInstant(when: string, clock = ''): Date | null {
  const plain = toHalfWidth(when)
  if (clock === '' && /T.*(Z|[+-]\d\d:?\d\d)$/.test(plain)) {
    const at = new Date(plain)
    return Number.isNaN(at.getTime()) ? null : at
  }
  const [dayText = '', inOne = ''] = clock === '' ? plain.split(/[T\s]+/, 2) : [plain, clock]
  const day = parseDay(dayText)
  const seconds = inOne === '' ? 0 : parseClock(inOne)
  if (day === null || seconds === null) return null
  return new Date(Date.UTC(day.year, day.month - 1, day.day) + (seconds - 8 * 3_600) * 1_000)
}

/** `一,三,五,日`, `1,3,5,7` or 每日 as bits: bit 0 is Monday. Null for anything else. */
export function parseWeekdays(text: string): number | null {
  const plain = toHalfWidth(text)
  if (/^(每日|每天|daily)$/i.test(plain)) return 127
  let bits = 0
  for (const word of plain.split(/[,、;\s]+/).filter((each) => each !== '')) {
    const day = word.replace(/^(星期|週|周|禮拜)/, '')
    const index = '一二三四五六日'.indexOf(day.replace('天', '日')) + 1 || Number(day)
    if (day.length !== 1 || !(index >= 1 && index <= 7)) return null
    bits |= 1 << (index - 1)
  }
  return bits === 0 ? null : bits
}
