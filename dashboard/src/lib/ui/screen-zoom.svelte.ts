import { outerHeight, outerWidth } from 'svelte/reactivity/window'

const key = 'patrol.zoom'
/** The console is laid out for this screen. */
const layout = { width: 1920, height: 1080 }
const steps = [0.8, 1, 1.25, 1.5, 1.75, 2, 2.5, 3] as const

/** What the size of the window asks for: at 3840 × 2160 all is twice as large, never smaller than it was drawn. */
export function fitZoom(width: number, height: number): number {
  const fit = Math.min(width / layout.width, height / layout.height)
  return Math.min(3, Math.max(1, Math.round(fit * 20) / 20))
}

/** How large the console is drawn: by the window, or as somebody chose on this machine. */
class ScreenZoom {
  /** Null: by the window. */
  #chosen = $state<number | null>(recall())
  /** The window's outer size: the browser's own zoom (Ctrl and +) does not change it, and so works on top of this. */
  readonly factor = $derived(
    this.#chosen ?? fitZoom(outerWidth.current ?? layout.width, outerHeight.current ?? layout.height),
  )

  /** The next step up or down. */
  step(by: 1 | -1): void {
    const next = by > 0 ? steps.find((one) => one > this.factor) : steps.findLast((one) => one < this.factor)
    if (next !== undefined) this.#choose(next)
  }

  /** By the window again. */
  reset(): void {
    this.#choose(null)
  }

  #choose(next: number | null): void {
    this.#chosen = next
    if (next === null) localStorage.removeItem(key)
    else localStorage.setItem(key, String(next))
  }
}

function recall(): number | null {
  const kept = Number(localStorage.getItem(key) ?? NaN)
  return steps.find((one) => one === kept) ?? null
}

export const screenZoom = new ScreenZoom()
