/** Type sizes of a wall, in px of the 1920-wide layout. */
export interface WallType {
  /** Smallest text: 20 arc-minutes. */
  text: number
  /** Title of an alert: 22'. */
  title: number
  /** Title of the first P1: 30'. */
  urgent: number
  /** Key figures: 40'. */
  digits: number
}

/** A Chinese character fills 0.91 of its font size; digits are 0.705 of it high. */
const cjkFill = 0.91
const digitFill = 0.705
const widthPx = 1920

/**
 * @param diagonalInches of a 16:9 screen
 * @param distanceMeters from which it is read
 */
export function sizeWallType(diagonalInches: number, distanceMeters: number): WallType {
  const widthMm = (diagonalInches * 25.4 * 16) / Math.hypot(16, 9)
  const pxPerMm = widthPx / widthMm
  const px = (arcMinutes: number, fill: number) => {
    const mm = distanceMeters * 1_000 * Math.tan(((arcMinutes / 60) * Math.PI) / 180)
    return Math.ceil((mm * pxPerMm) / fill)
  }
  return { text: px(20, cjkFill), title: px(22, cjkFill), urgent: px(30, cjkFill), digits: px(40, digitFill) }
}

/** Reads `?diag=75&dist=5`; what is absent or absurd falls back to a 75-inch screen at 5 m. */
export function readWallType(query: Pick<URLSearchParams, 'get'>): WallType {
  return sizeWallType(readNumber(query, 'diag', 75, 10, 400), readNumber(query, 'dist', 5, 0.5, 30))
}

function readNumber(
  query: Pick<URLSearchParams, 'get'>,
  name: string,
  usual: number,
  min: number,
  max: number,
): number {
  const text = query.get(name)
  const value = Number(text)
  return text !== null && value >= min && value <= max ? value : usual
}
