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
  #lists = $state.raw<readonly (() => readonly Act[])[]>([])

  /** Read anew at every use: what can be done depends on what is selected. */
  get all(): Act[] {
    return this.#lists.flatMap((read) => [...read()])
  }

  /** @returns how to take them away again */
  add(read: () => readonly Act[]): () => void {
    this.#lists = [...this.#lists, read]
    return () => {
      this.#lists = this.#lists.filter((one) => one !== read)
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
