import type { BrowserContext, Page } from 'playwright-core'

/**
 * Gives the pages of a context a phone's NFC: Chromium on a desk has none. `state` is what the officer answered to the
 * question for permission; `prompt` becomes `granted` when the page asks. Vibrations are written down.
 */
export async function addNfc(
  context: BrowserContext,
  state: 'granted' | 'prompt' | 'denied' = 'granted',
): Promise<void> {
  await context.addInitScript(`{
    let state = ${JSON.stringify(state)}
    const readers = new Set()
    window.vibrations = []
    navigator.vibrate = (pattern) => window.vibrations.push(pattern) > 0
    const query = navigator.permissions.query.bind(navigator.permissions)
    navigator.permissions.query = async (asked) => (asked.name === 'nfc' ? { state } : query(asked))
    window.NDEFReader = class {
      async scan({ signal }) {
        if (state === 'denied') throw new DOMException('denied', 'NotAllowedError')
        state = 'granted'
        readers.add(this)
        signal.addEventListener('abort', () => readers.delete(this))
      }
    }
    window.tapTag = (serialNumber, url) => {
      const records = url === null ? [] : [{ recordType: 'url', data: new DataView(new TextEncoder().encode(url).buffer) }]
      for (const reader of readers) reader.onreading({ serialNumber, message: { records } })
      return readers.size
    }
  }`)
}

/** Holds a tag to the phone: its number, and the address on it. Returns how many readers heard it. */
export function tapTag(page: Page, uid: string, url: string | null): Promise<number> {
  const grouped = uid.toLowerCase().replace(/(..)(?=.)/g, '$1:')
  return page.evaluate<number>(`tapTag(${JSON.stringify(grouped)}, ${JSON.stringify(url)})`)
}

export const vibrations = (page: Page) => page.evaluate<number[][]>('vibrations')
