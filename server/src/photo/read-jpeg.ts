/** One marker segment: its code and where its body lies. */
interface Segment {
  marker: number
  from: number
  to: number
}

export interface StrippedJpeg {
  /** The picture alone: nothing that names a place, a device or a time. */
  picture: Buffer
  width: number
  height: number
}

const SOI = 0xd8
const EOI = 0xd9
const SOS = 0xda
const COM = 0xfe
/** Baseline, extended and progressive; the others nobody's browser shows. */
const frames: ReadonlySet<number> = new Set([0xc0, 0xc1, 0xc2])
const otherFrames: ReadonlySet<number> = new Set([0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf])

/**
 * The picture without application segments and comments: Exif, XMP, GPS, thumbnails, and what follows the end. JFIF (E0) and
 * Adobe's (EE) stay where they are what they say, for they tell how the colours are coded.
 * Returns null for what is no whole JPEG.
 */
export function stripJpeg(jpeg: Buffer): StrippedJpeg | null {
  const segments = readSegments(jpeg)
  if (segments === null) return null
  const frame = segments.find(({ marker }) => frames.has(marker))
  if (frame === undefined || segments.some(({ marker }) => otherFrames.has(marker))) return null
  if (!segments.some(({ marker }) => marker === SOS)) return null
  const height = jpeg.readUInt16BE(frame.from + 5)
  const width = jpeg.readUInt16BE(frame.from + 7)
  const kept = segments.filter((segment) => isPicture(jpeg, segment))
  return { picture: Buffer.concat(kept.map(({ from, to }) => jpeg.subarray(from, to))), width, height }
}

function isPicture(jpeg: Buffer, { marker, from, to }: Segment): boolean {
  if (marker === COM) return false
  if (marker < 0xe0 || marker > 0xef) return true
  const name = jpeg.toString('latin1', from + 4, Math.min(to, from + 9))
  // A JFIF of more than 18 bytes brings a thumbnail.
  return (
    (marker === 0xe0 && name === 'JFIF\0' && to - from === 18) ||
    (marker === 0xee && name === 'Adobe' && to - from === 16)
  )
}

/** All segments from the start to the end of the image, each with its marker; a scan includes its coded data. */
export function readSegments(jpeg: Buffer): Segment[] | null {
  if (jpeg.length < 4 || jpeg.readUInt16BE(0) !== (0xff00 | SOI)) return null
  const segments: Segment[] = [{ marker: SOI, from: 0, to: 2 }]
  let at = 2
  while (at + 4 <= jpeg.length) {
    if (jpeg[at] !== 0xff) return null
    const marker = jpeg[at + 1] ?? 0
    if (marker === 0xff) {
      at++ // a fill byte
      continue
    }
    if (marker === EOI) return closeWith(segments, at)
    const to = at + 2 + jpeg.readUInt16BE(at + 2)
    if (to > jpeg.length || to < at + 4) return null
    if ((frames.has(marker) || otherFrames.has(marker)) && to - at < 11) return null
    const end = marker === SOS ? endOfScan(jpeg, to) : to
    segments.push({ marker, from: at, to: end })
    at = end
  }
  return at + 2 <= jpeg.length && jpeg[at] === 0xff && jpeg[at + 1] === EOI ? closeWith(segments, at) : null
}

function closeWith(segments: Segment[], at: number): Segment[] {
  return [...segments, { marker: EOI, from: at, to: at + 2 }]
}

/** Coded data runs to the next marker that is neither a stuffed byte nor a restart. */
function endOfScan(jpeg: Buffer, from: number): number {
  let at = from
  for (;;) {
    at = jpeg.indexOf(0xff, at)
    if (at < 0 || at + 1 >= jpeg.length) return jpeg.length
    const next = jpeg[at + 1] ?? 0
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at
    at += next === 0xff ? 1 : 2
  }
}
