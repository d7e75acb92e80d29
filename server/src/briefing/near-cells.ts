import { gridDisk, latLngToCell } from 'h3-js'

/**
 * The H3 cell of a position at resolution 9 and the six beside it, as PostgreSQL's signed bigints: whatever the place in the
 * middle cell, 300 m around it are inside (a cell is about 350 m across its flats). With the index on cell and time this finds
 * the few recent incidents among many years of them.
 */
export function nearCells({ lon, lat }: { lon: number; lat: number }): string[] {
  return gridDisk(latLngToCell(lat, lon, 9), 1).map((cell) =>
    BigInt.asIntN(64, BigInt(`0x${cell}`)).toString(),
  )
}
