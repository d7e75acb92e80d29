import type { Role } from '@patrol/contract'
import KeyRound from '@lucide/svelte/icons/key-round'
import House from '@lucide/svelte/icons/house'
import ClipboardCheck from '@lucide/svelte/icons/clipboard-check'
import List from '@lucide/svelte/icons/list'
import Nfc from '@lucide/svelte/icons/nfc'
import QrCode from '@lucide/svelte/icons/qr-code'
import User from '@lucide/svelte/icons/user'
import MessageSquare from '@lucide/svelte/icons/message-square'
import Siren from '@lucide/svelte/icons/siren'
import type { Component } from 'svelte'
import { field } from './field.svelte.ts'
import { notices } from './alert-notices.svelte.ts'
import { affairs } from './orders.svelte.ts'
import type { Store } from './store.ts'
import type { TextKey } from './texts.ts'
import Confirm from './screens/Confirm.svelte'
import DeviceScreen from './screens/Device.svelte'
import Inspect from './screens/Inspect.svelte'
import Me from './screens/Me.svelte'
import Messages from './screens/Messages.svelte'
import Orders from './screens/Orders.svelte'
import Points from './screens/Points.svelte'
import Ready from './screens/Ready.svelte'
import Scan from './screens/Scan.svelte'
import Sos from './screens/Sos.svelte'
import Tags from './screens/Tags.svelte'
import TypedCode from './screens/TypedCode.svelte'
import Unsaved from './screens/Unsaved.svelte'
import Verdict from './screens/Verdict.svelte'
import Visits from './screens/Visits.svelte'
import Watch from './screens/Watch.svelte'

export type ScreenProps = {
  store: Store
  /** What follows the name in the address, as in `#verdict/<id>`; else empty. */
  id: string
}

export type ScreenEntry = {
  /** One that needs neither store nor id may take no props. */
  component: Component<ScreenProps> | Component<Record<string, never>>
  /** `tab`: in the bar, which holds five at most; `page`: above the bar; `full`: without the bar. */
  place: 'tab' | 'page' | 'full'
  /** The name in the bar or, for what is no tab, in the menu on top of 我的. Without one it is opened by other screens only. */
  text?: TextKey
  Icon?: typeof QrCode
  /** Who has it; everybody by default. */
  roles?: readonly Role[]
  /** Only while on duty; else the menu shows it as not to be had. */
  needsDuty?: boolean
  /** Asks for the position also off duty: for a check-in. */
  locates?: boolean
  /** How many things wait there; 0 shows nothing. */
  badge?: () => number
}

/** Every screen, in the order of bar and menu: a new one is a line here. Its address is `/field/#name/id`. */
export const screens = {
  ready: { component: Ready, place: 'tab', text: 'nav.ready', Icon: QrCode },
  points: { component: Points, place: 'tab', text: 'nav.points', Icon: List },
  visits: {
    component: Visits,
    place: 'tab',
    text: 'nav.visits',
    Icon: House,
    roles: ['beat-officer', 'supervisor'],
    locates: true,
  },
  orders: { component: Orders, place: 'tab', text: 'nav.orders', Icon: Siren, badge: () => affairs.news },
  messages: {
    component: Messages,
    place: 'page',
    text: 'nav.messages',
    Icon: MessageSquare,
    badge: () => affairs.unread.length + notices.unseen.length,
  },
  me: {
    component: Me,
    place: 'tab',
    text: 'nav.me',
    Icon: User,
    badge: () => field.held + affairs.unread.length + notices.unseen.length,
  },
  device: { component: DeviceScreen, place: 'page', text: 'nav.device', Icon: KeyRound },
  watch: { component: Watch, place: 'full', locates: true },
  inspect: {
    component: Inspect,
    place: 'page',
    text: 'nav.inspect',
    Icon: ClipboardCheck,
    roles: ['supervisor'],
  },
  tags: {
    component: Tags,
    place: 'page',
    text: 'nav.tags',
    Icon: Nfc,
    roles: ['duty-officer', 'supervisor', 'administrator'],
    locates: true,
  },
  scan: { component: Scan, place: 'full', locates: true },
  typed: { component: TypedCode, place: 'full', locates: true },
  confirm: { component: Confirm, place: 'full', locates: true },
  verdict: { component: Verdict, place: 'full' },
  unsaved: { component: Unsaved, place: 'full' },
  sos: { component: Sos, place: 'full', locates: true },
} satisfies Record<string, ScreenEntry>

export type ScreenName = keyof typeof screens

const entries: Record<string, ScreenEntry> = screens

/** The screen of this name where the officer may have it; else the first one. */
export function screenOf(name: string): ScreenEntry & { component: Component<ScreenProps> } {
  const entry = entries[name]
  return takingProps(entry && isAllowed(entry) ? entry : screens.ready)
}

// A component that takes no props ignores those it is given.
function takingProps(entry: ScreenEntry) {
  return entry as ScreenEntry & { component: Component<ScreenProps> }
}

export const tabs = () => listed(({ place }) => place === 'tab')
export const menu = () => listed(({ place }) => place !== 'tab')

function listed(which: (entry: ScreenEntry) => boolean) {
  return screenNames().flatMap((name) => {
    const { text, ...entry }: ScreenEntry = screens[name]
    return text !== undefined && which(screens[name]) && isAllowed(entry) ? [{ name, text, ...entry }] : []
  })
}

// Object.keys cannot know that there are no other keys.
function screenNames() {
  return Object.keys(screens) as ScreenName[]
}

function isAllowed({ roles }: ScreenEntry): boolean {
  return roles === undefined || roles.some((role) => field.me?.roles.includes(role) === true)
}
