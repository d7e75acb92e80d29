/**
 * How the cases of a place changed against those around it: (after / before) over (after / before) of the comparison, with
 * its 95 % interval from the normal distribution of log ratios of Poisson counts. Half a case is added to each count, so
 * that zeros give wide intervals instead of none (Haldane 1956, Anscombe 1956).
 */
export function compareChange(
  place: { before: number; after: number },
  around: { before: number; after: number },
): { ratio: number; interval95: [number, number] } {
  const [a, b, c, d] = [place.after + 0.5, place.before + 0.5, around.after + 0.5, around.before + 0.5]
  const log = Math.log(a / b / (c / d))
  const spread = 1.96 * Math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
  return { ratio: Math.exp(log), interval95: [Math.exp(log - spread), Math.exp(log + spread)] }
}
