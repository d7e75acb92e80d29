export interface AttemptLimit {
  isOver(address: string): boolean
  countFailure(address: string): void
}

const windowMs = 60_000
const maxAddresses = 10_000

/** Counts failures per address and minute, in this process. Nothing is kept of those who succeed. */
export function limitAttempts(max: number): AttemptLimit {
  const failures = new Map<string, { count: number; until: number }>()
  const countOf = (address: string) => {
    const known = failures.get(address)
    return known && known.until > performance.now() ? known : null
  }
  return {
    isOver: (address) => (countOf(address)?.count ?? 0) >= max,
    countFailure(address) {
      const known = countOf(address)
      if (known) known.count++
      else {
        if (failures.size >= maxAddresses) failures.clear()
        failures.set(address, { count: 1, until: performance.now() + windowMs })
      }
    },
  }
}
