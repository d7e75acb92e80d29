import type { UnitTrack } from '@patrol/contract'

/** More than this between two fixes, and nobody knows the way: a new segment begins. */
const gapMs = 120_000

/** A unit's track as GPX 1.1 (topografix.com/GPX/1/1). A gap ends a segment, so that no program draws a line through it. */
export function writeTrackGpx({ callSign, fixes }: UnitTrack): string {
  const segments: string[][] = []
  let before = -Infinity
  for (const { lon, lat, recordedAt } of fixes) {
    const at = Date.parse(recordedAt)
    if (at - before > gapMs) segments.push([])
    segments.at(-1)?.push(`      <trkpt lat="${lat}" lon="${lon}"><time>${recordedAt}</time></trkpt>`)
    before = at
  }
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<gpx version="1.1" creator="Tainan Electronic Patrol Sign-in System" xmlns="http://www.topografix.com/GPX/1/1">',
    '  <trk>',
    `    <name>${escapeXml(callSign)}</name>`,
    ...segments.map((points) => `    <trkseg>\n${points.join('\n')}\n    </trkseg>`),
    '  </trk>',
    '</gpx>',
    '',
  ].join('\n')
}

const escapeXml = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
