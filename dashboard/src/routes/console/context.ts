import type { Me } from '@patrol/contract'
import { createContext } from 'svelte'
import type { Live } from '../../lib/live/live.svelte.ts'
import type { Acts } from './acts.svelte.ts'

/** What all pages of one console share: one socket and one state of the city, who is logged in, what can be done. */
export interface ConsoleContext {
  live: Live
  me: Me
  acts: Acts
}

export const [readConsole, setConsole] = createContext<ConsoleContext>()
