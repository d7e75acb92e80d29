/** An alert as placing sees it. */
export interface Placeable {
  /** Negative for a parent that is to be made. */
  id: number
  kind: string
  priority: number
  precinctId: number | null
  /** When it began, ms. */
  at: number
  parentId: number | null
  /** The dedup key of a parent; null for an alert of its own. */
  parentKey: string | null
  isOpen: boolean
}

export interface NewParent extends Placeable {
  parentKey: string
}

export interface Placement {
  /** Parents to be made, under their negative ids. */
  parents: NewParent[]
  /** Every alert, known or new, whose parent is another now. */
  moved: ReadonlyMap<number, number | null>
}

/** This many of a kind in one precinct within the window become one row. */
export const groupOf = 5
export const groupWindowMs = 600_000
/**
 * So many new rows of a window stand alone on one screen; what follows joins one row per class of flood. With three classes
 * no flood shows more than ten.
 */
export const rowsAlone = 7

/** A cry for help never stands behind another kind of row, and what is urgent never behind what is not. */
const floodKind = ({ kind, priority }: Placeable) =>
  kind === 'sos' || kind === 'flood-sos' ? 'flood-sos' : priority === 1 ? 'flood-urgent' : 'flood'

const isFlood = ({ kind }: Placeable) => kind.startsWith('flood')

/**
 * Finds each fresh alert its place among those of the last ten minutes: alone, in the row of its kind and precinct, or in
 * the flood of its precinct and of the city. A parent of the whole city is no parent to a precinct's screen, which therefore
 * sees its own rows: so each level counts for itself.
 */
export function placeAlerts(
  fresh: readonly Placeable[],
  known: readonly Placeable[],
  now: number,
): Placement {
  const rows = new Map(known.map((row) => [row.id, { ...row }]))
  const parents: NewParent[] = []
  const moved = new Map<number, number | null>()
  const isRecent = (row: Placeable) => row.at > now - groupWindowMs

  function join(row: Placeable, parent: Placeable): void {
    row.parentId = parent.id
    moved.set(row.id, parent.id)
  }

  function findParent(parentKey: string): Placeable | undefined {
    return [...rows.values()].find((row) => row.isOpen && row.parentKey === parentKey)
  }

  function makeParent(
    parentKey: string,
    like: Placeable,
    kind: string,
    precinctId: number | null,
  ): Placeable {
    const made = { ...like, id: -1 - parents.length, kind, precinctId, at: now, parentId: null, parentKey }
    parents.push(made)
    rows.set(made.id, made)
    return made
  }

  /** @returns the row that is new to the screens of its precinct: itself, its new parent, or none */
  function group(row: Placeable): Placeable | null {
    const key = `group:${row.kind}:${row.precinctId ?? 'city'}`
    const parent = findParent(key)
    if (parent) {
      join(row, parent)
      return null
    }
    const alike = [...rows.values()].filter(
      (one) =>
        one.isOpen &&
        one.parentKey === null &&
        one.kind === row.kind &&
        one.precinctId === row.precinctId &&
        isRecent(one),
    )
    if (alike.length < groupOf) return row
    const made = makeParent(key, row, row.kind, row.precinctId)
    for (const one of alike) join(one, made)
    return made
  }

  /** @returns the row that is new one level up, or none; `precinctId` null is the level of the city */
  function dam(row: Placeable, precinctId: number | null): Placeable | null {
    const isTop = (one: Placeable) => {
      const parent = one.parentId === null ? undefined : rows.get(one.parentId)
      return parent === undefined || (precinctId !== null && parent.precinctId !== precinctId)
    }
    const here = (one: Placeable) => precinctId === null || one.precinctId === precinctId
    const isOwnFlood = (one: Placeable) => isFlood(one) && one.precinctId === precinctId
    const alone = [...rows.values()].filter(
      (one) => one.id !== row.id && here(one) && isTop(one) && !isOwnFlood(one) && isRecent(one),
    )
    if (alone.length < rowsAlone) return row
    const kind = floodKind(row)
    const key = `${kind}:${precinctId ?? 'city'}`
    const parent = findParent(key)
    if (parent) {
      join(row, parent)
      return null
    }
    const made = makeParent(key, row, kind, precinctId)
    join(row, made)
    return made
  }

  for (const given of fresh) {
    const row = { ...given, parentId: null }
    rows.set(row.id, row)
    const alone = group(row)
    const inPrecinct = alone === null || alone.precinctId === null ? alone : dam(alone, alone.precinctId)
    if (inPrecinct !== null && inPrecinct.parentId === null) dam(inPrecinct, null)
  }
  return { parents, moved }
}
