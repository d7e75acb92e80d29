import type { UnitTrack } from '@patrol/contract'
import { isGap } from './find-gaps.ts'

/** A unit's track as GPX 1.1 (topografix.com/GPX/1/1). A gap ends a segment, so that no program draws a line through it. */
export function writeTrackGpx({ callSign, fixes }: UnitTrack): string {
  const segments: string[][] = []
  let before: UnitTrack['fixes'][number] | null = null
  for (const fix of fixes) {
    if (before === null || isGap(before, fix)) segments.push([])
    const { lon, lat, recordedAt } = fix
    segments.at(-1)?.push(`      <trkpt lat="${lat}" lon="${lon}"><time>${recordedAt}</time></trkpt>`)
    before = fix
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
