import type { Store } from './store.ts'
import { makeUuidV7 } from './uuid-v7.ts'

/** Taps that may come back by a reload, by Back, or from a tab that the phone brings back after days. */
const KEPT = 50

/**
 * The id of the check-in of this very tap: made at the first call, and the same ever after, in every tab. A secure tag never
 * gives the same address twice, so the address is the tap.
 */
export async function keepIdOfTap(store: Store, url: string): Promise<string> {
  const change = store.transaction('setting', 'readwrite')
  const known = asTaps(await change.store.get('taps')) ?? []
  const same = known.find((tap) => tap.url === url)
  const id = same?.id ?? makeUuidV7(Date.now())
  if (!same) await change.store.put([...known, { url, id }].slice(-KEPT), 'taps')
  await change.done
  return id
}

// Nothing else writes there.
function asTaps(value: unknown) {
  return value as { url: string; id: string }[] | undefined
}
