import { readCodePath } from './point-code.ts'

/** Which screen is open; kept in the address, so that Back and reload mean what they should. */
export type Screen =
  | { name: 'ready' | 'scan' | 'typed' | 'points' | 'me' }
  | { name: 'verdict'; id: string }
  /** A label was opened as a link, outside this app: one tap to confirm. */
  | { name: 'confirm'; code: string }

let current = $state.raw<Screen>(readAddress())

export const route = {
  get screen(): Screen {
    return current
  },
}

export function startRoute(): void {
  addEventListener('popstate', () => (current = readAddress()))
}

/** Opens a screen. `replace` where Back must not lead to this one again, such as from a verdict to the camera. */
export function open(screen: Screen, how: 'push' | 'replace' = 'push'): void {
  const address = writeAddress(screen)
  if (how === 'replace') history.replaceState(null, '', address)
  else history.pushState(null, '', address)
  current = screen
}

function readAddress(): Screen {
  const code = readCodePath(location.pathname)
  if (code !== null) return { name: 'confirm', code }
  const [name, id] = location.hash.slice(1).split('/')
  if (name === 'verdict' && id) return { name, id }
  return name === 'scan' || name === 'typed' || name === 'points' || name === 'me'
    ? { name }
    : { name: 'ready' }
}

function writeAddress(screen: Screen): string {
  const base = import.meta.env.BASE_URL
  if (screen.name === 'confirm') return `${base}c/${screen.code}`
  if (screen.name === 'verdict') return `${base}#verdict/${screen.id}`
  return screen.name === 'ready' ? base : `${base}#${screen.name}`
}
