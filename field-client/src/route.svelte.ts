import { readCodePath } from './point-code.ts'
import type { ScreenName } from './screens.ts'

/** Which screen is open; kept in the address, so that Back and reload mean what they should. */
export type Screen = {
  name: ScreenName
  /** Such as a check-in's id. For `confirm` what follows `/c/`: a label was opened as a link, outside this app. */
  id?: string
}

/** As the address says it: anybody may have typed it, so the name may be of no screen. */
let current = $state.raw<{ name: string; id: string }>(readAddress())

export const route = {
  get screen() {
    return current
  },
}

export function startRoute(): void {
  addEventListener('popstate', () => (current = readAddress()))
}

/** Opens a screen. `replace` where Back must not lead to this one again, such as from a verdict to the camera. */
export function open({ name, id = '' }: Screen, how: 'push' | 'replace' = 'push'): void {
  const address = writeAddress(name, id)
  if (how === 'replace') history.replaceState(null, '', address)
  else history.pushState(null, '', address)
  current = { name, id }
}

function readAddress() {
  const code = readCodePath(location.pathname)
  if (code !== null) return { name: 'confirm', id: code + location.search }
  const [name = '', id = ''] = location.hash.slice(1).split('/')
  return { name: name || 'ready', id }
}

function writeAddress(name: ScreenName, id: string): string {
  const base = import.meta.env.BASE_URL
  if (name === 'confirm') return `${base}c/${id}`
  if (id !== '') return `${base}#${name}/${id}`
  return name === 'ready' ? base : `${base}#${name}`
}
