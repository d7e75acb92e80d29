/**
 * Keeps the keyboard's place in a list whose rows move: a browser takes the focus from an element that is put elsewhere or
 * goes, and whoever works by keyboard or screen reader would begin at the top of the page again.
 * @param readList the list, whose rows are `li` with an id; undefined while it is not drawn
 */
export function keepFocus(readList: () => HTMLElement | undefined) {
  let kept: { rowId: string; at: number; control: Element } | null = null

  const rowOf = (element: Element | null) =>
    readList()?.contains(element) ? (element?.closest('li') ?? null) : null

  function moveTo(rowId: string): boolean {
    const control = document.getElementById(rowId)?.querySelector('button')
    control?.focus()
    return control !== undefined && control !== null
  }

  return {
    /** Before the rows change. */
    note(): void {
      const row = rowOf(document.activeElement)
      const control = document.activeElement
      kept =
        row && control
          ? { rowId: row.id, at: [...(row.parentElement?.children ?? [])].indexOf(row), control }
          : null
    },
    /** After they have: the same button, else its row, else the row that stands there now, else the list. */
    restore(): void {
      const list = readList()
      const isLost = document.activeElement === null || document.activeElement === document.body
      if (!kept || !list || !isLost) return
      if (kept.control instanceof HTMLElement && list.contains(kept.control)) kept.control.focus()
      else if (!moveTo(kept.rowId)) {
        const row = list.children[Math.min(kept.at, list.children.length - 1)]
        if (!row || !moveTo(row.id)) list.focus()
      }
    },
    isWithin: () => rowOf(document.activeElement) !== null,
    /** @returns whether there is such a row */
    moveTo,
  }
}
