import Flame from '@lucide/svelte/icons/flame'
import History from '@lucide/svelte/icons/history'
import Megaphone from '@lucide/svelte/icons/megaphone'
import MessageSquare from '@lucide/svelte/icons/message-square'
import PenLine from '@lucide/svelte/icons/pen-line'
import Radio from '@lucide/svelte/icons/radio'
import Route from '@lucide/svelte/icons/route'
import Settings from '@lucide/svelte/icons/settings'
import Siren from '@lucide/svelte/icons/siren'
import ListChecks from '@lucide/svelte/icons/list-checks'
import BellOff from '@lucide/svelte/icons/bell-off'
import ChartColumn from '@lucide/svelte/icons/chart-column'
import ChartLine from '@lucide/svelte/icons/chart-line'
import Smartphone from '@lucide/svelte/icons/smartphone'
import Users from '@lucide/svelte/icons/users'
import type { Role } from '@patrol/contract'
import type { Messages } from '../../lib/messages.ts'

export interface ConsolePage {
  href: string
  /** Short: it stands under an icon, 64 px wide. */
  label: (t: Messages) => string
  icon: typeof Siren
  /** Who finds something to do there. What each may see and do is the server's to say. */
  roles: readonly Role[]
  /** Pressed after G; each page has its own. */
  key: string
}

/** The pages of the console, in the order of the navigation rail. */
export const pages: readonly ConsolePage[] = [
  {
    href: '/console',
    label: (t) => t.shell.pages.overview,
    icon: Siren,
    roles: ['operator', 'duty-officer', 'supervisor', 'administrator'],
    key: 'o',
  },
  {
    href: '/console/dispatch',
    label: (t) => t.shell.pages.dispatch,
    icon: Radio,
    roles: ['operator', 'duty-officer'],
    key: 'd',
  },
  {
    href: '/console/roster',
    label: (t) => t.shell.pages.roster,
    icon: Users,
    roles: ['operator', 'duty-officer', 'supervisor', 'administrator'],
    key: 'u',
  },
  {
    href: '/console/messages',
    label: (t) => t.shell.pages.messages,
    icon: MessageSquare,
    roles: ['operator', 'duty-officer', 'supervisor'],
    key: 'm',
  },
  {
    href: '/console/playback',
    label: (t) => t.shell.pages.playback,
    icon: History,
    roles: ['operator', 'duty-officer', 'supervisor', 'administrator'],
    key: 't',
  },
  {
    href: '/console/notices',
    label: (t) => t.notices.page,
    icon: Megaphone,
    roles: ['operator', 'duty-officer', 'supervisor', 'administrator'],
    key: 'n',
  },
  {
    href: '/console/exceptions',
    label: (t) => t.exceptions.page,
    icon: ListChecks,
    roles: ['duty-officer', 'supervisor'],
    key: 'x',
  },
  {
    href: '/console/handover',
    label: (t) => t.handover.page,
    icon: PenLine,
    roles: ['operator', 'duty-officer', 'supervisor', 'administrator'],
    key: 's',
  },
  {
    href: '/console/devices',
    label: (t) => t.devices.page,
    icon: Smartphone,
    roles: ['duty-officer', 'supervisor', 'administrator'],
    key: 'v',
  },
  {
    href: '/console/alert-rules',
    label: (t) => t.alarms.pages.rules,
    icon: BellOff,
    roles: ['operator', 'duty-officer', 'supervisor', 'administrator'],
    key: 'r',
  },
  {
    href: '/console/alarm-performance',
    label: (t) => t.alarms.pages.performance,
    icon: ChartColumn,
    roles: ['operator', 'duty-officer', 'supervisor', 'administrator'],
    key: 'p',
  },
  {
    href: '/console/figures',
    label: (t) => t.alarms.pages.figures,
    icon: ChartLine,
    roles: ['operator', 'duty-officer', 'supervisor', 'administrator'],
    key: 'f',
  },
  {
    href: '/console/hotspots',
    label: (t) => t.hotspots.page,
    icon: Flame,
    roles: ['operator', 'duty-officer', 'supervisor', 'administrator'],
    key: 'h',
  },
  {
    href: '/console/planner',
    label: (t) => t.shell.pages.planner,
    icon: Route,
    roles: ['operator', 'duty-officer', 'supervisor', 'administrator'],
    key: 'l',
  },
  {
    href: '/console/admin',
    label: (t) => t.admin.page,
    icon: Settings,
    roles: ['administrator'],
    key: 'a',
  },
]
