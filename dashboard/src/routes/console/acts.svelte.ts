import { onDestroy } from 'svelte'
import { readConsole } from './context.ts'

/** Something that the person at the console can do by a key or from the command palette. */
export interface Act {
  /** In the reader's language. */
  label: string
  /** One key, without modifiers, such as `a` or `[`. */
  key?: string
  run: () => void
}

/** What can be done on the page that is shown. */
export class Acts {
  /** No state: a page that goes would read it as it was before the next page came, and take that one's acts with it. */
  readonly #lists = new Set<() => readonly Act[]>()
  #changed = $state.raw({})

  /** Read anew at every use: what can be done depends on what is selected. */
  get all(): Act[] {
    void this.#changed
    return [...this.#lists].flatMap((read) => [...read()])
  }

  /** @returns how to take them away again */
  add(read: () => readonly Act[]): () => void {
    this.#lists.add(read)
    this.#changed = {}
    return () => {
      this.#lists.delete(read)
      this.#changed = {}
    }
  }

  /** The act of a key; that of the part which came last, so that a drawer goes before the list beneath it. */
  find(key: string): Act | undefined {
    return this.all.findLast((act) => act.key === key.toLowerCase())
  }
}

/** Offers acts for as long as the calling component is there. */
export function offerActs(read: () => readonly Act[]): void {
  onDestroy(readConsole().acts.add(read))
}
