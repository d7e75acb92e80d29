/** A filter that somebody named, as the page wrote it. */
export interface SavedFilter {
  name: string
  /** Field and value. */
  values: Record<string, string>
}

const most = 12
const keyOf = (officerId: number, page: string) => `filters.${officerId}.${page}`

/** Those of one person on one page, kept in this browser; what is broken there counts as none. */
export function readFilters(officerId: number, page: string): SavedFilter[] {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(keyOf(officerId, page)) ?? '[]')
    return Array.isArray(read) ? read.filter(isFilter) : []
  } catch {
    // Storage is switched off, or somebody wrote something else there: the page works without.
    return []
  }
}

/** @returns the list with this one, which replaces one of the same name */
export function saveFilter(officerId: number, page: string, filter: SavedFilter): SavedFilter[] {
  const others = readFilters(officerId, page).filter(({ name }) => name !== filter.name)
  return write(officerId, page, [...others, filter].slice(-most))
}

/** @returns the list without it */
export function removeFilter(officerId: number, page: string, name: string): SavedFilter[] {
  return write(
    officerId,
    page,
    readFilters(officerId, page).filter((one) => one.name !== name),
  )
}

function write(officerId: number, page: string, filters: SavedFilter[]): SavedFilter[] {
  localStorage.setItem(keyOf(officerId, page), JSON.stringify(filters))
  return filters
}

function isFilter(one: unknown): one is SavedFilter {
  return (
    typeof one === 'object' &&
    one !== null &&
    'name' in one &&
    typeof one.name === 'string' &&
    'values' in one &&
    typeof one.values === 'object' &&
    one.values !== null &&
    Object.values(one.values).every((value) => typeof value === 'string')
  )
}
