import type { Duty, Login, Me, ProblemCode } from '@patrol/contract'
import { type Answer, askDuty, askSession, askTime, logIn, logOut } from './api.ts'
import { field } from './field.svelte.ts'
import { refreshRouteLine } from './route-line.ts'
import { wipeReplies } from './replies.ts'
import { readServerTime } from './server-time.ts'
import { forgetCalls } from './sos.ts'
import { readSetting, type Store, writeSetting } from './store.ts'

/** Shows what the phone remembers, so that the app starts in a basement too. */
export async function recallSession(store: Store): Promise<void> {
  const me = await readSetting(store, 'me')
  const kept = await readSetting(store, 'duty')
  field.mark = (await readSetting(store, 'serverTime')) ?? null
  if (!me || (await readSetting(store, 'logoutPending'))) return
  field.me = me
  field.access = 'logged-in'
  if (kept && kept.officerId === me.officer?.id && !isOver(kept.duty.unit)) {
    field.duty = kept.duty
    field.dutyAt = kept.fetchedAt
    const line = await readSetting(store, 'routeLine')
    field.routeLine = line && line.version === kept.duty.plannedRouteVersion ? line : null
  } else if (kept) {
    // The points of a shift are on the phone for that shift only.
    await store.delete('setting', 'duty')
    await store.delete('setting', 'routeLine')
  }
}

/** Asks the server who is logged in, what time it is and what is due. Without network all stays as it was. */
export async function refreshSession(store: Store): Promise<void> {
  await finishLogOut(store)
  if (field.me && !(await readSetting(store, 'me'))) forgetPerson()
  await refreshTime(store)
  if (await readSetting(store, 'logoutPending')) return
  const answer = await askSession()
  field.online = answer.kind !== 'offline'
  if (answer.kind === 'ok') await adopt(store, answer.value)
  else if (answer.kind === 'problem' && answer.status === 401) {
    field.access = field.me ? 'expired' : 'logged-out'
  }
  await refreshDuty(store)
}

export type LogInResult = 'ok' | 'offline' | ProblemCode

/** Answers as soon as the app is shown, so that nothing waits between that and the officer's first press. */
export async function startSession(store: Store, login: Login): Promise<LogInResult> {
  await finishLogOut(store)
  const answer = await logIn(login)
  field.online = answer.kind !== 'offline'
  if (answer.kind === 'offline') return 'offline'
  if (answer.kind === 'problem') return answer.problem.code
  await store.delete('setting', 'logoutPending')
  await adopt(store, answer.value)
  return 'ok'
}

/** Ends the session and wipes what is personal. Check-ins that wait stay: the next log-in uploads them. */
export async function endSession(store: Store): Promise<void> {
  await writeSetting(store, 'logoutPending', true)
  await wipePersonal(store)
  await store.delete('setting', 'me')
  forgetPerson()
  await finishLogOut(store)
}

/** Also in a tab that was open when another one logged out. */
function forgetPerson(): void {
  field.me = null
  field.duty = null
  field.routeLine = null
  field.measured = null
  field.access = 'logged-out'
}

async function finishLogOut(store: Store): Promise<void> {
  if (!(await readSetting(store, 'logoutPending'))) return
  const answer = await logOut()
  const gone = answer.kind === 'ok' || (answer.kind === 'problem' && answer.status === 401)
  if (gone) await store.delete('setting', 'logoutPending')
}

async function adopt(store: Store, me: Me): Promise<void> {
  if (field.me && field.me.officer?.id !== me.officer?.id) await wipePersonal(store)
  await writeSetting(store, 'me', me)
  field.me = me
  field.access = 'logged-in'
}

async function wipePersonal(store: Store): Promise<void> {
  await Promise.all([
    store.clear('history'),
    store.clear('held'),
    store.delete('setting', 'orders'),
    store.delete('setting', 'duty'),
    store.delete('setting', 'routeLine'),
    forgetCalls(store),
    store.delete('setting', 'contacts'),
    wipeReplies(store),
  ])
  field.duty = null
  field.routeLine = null
  field.measured = null
}

export async function refreshTime(store: Store): Promise<void> {
  const asked = { monotonicMs: performance.now() }
  const answer = await askTime()
  const heard = { deviceMs: Date.now(), monotonicMs: performance.now() }
  if (answer.kind !== 'ok') return
  const { mark, beacon } = readServerTime(answer.value, asked, heard)
  field.mark = mark
  field.beacon = beacon
  await writeSetting(store, 'serverTime', mark)
}

/** What a role without patrol duty has. */
const noDuty: Duty = { unit: null, members: [], points: [], done: 0, due: 0 }

/** Questions so far, and the newest that was answered: they may be asked at once, and answered in any order. */
let questions = 0
let answered = 0

export async function refreshDuty(store: Store): Promise<void> {
  const officerId = field.officer?.id
  if (officerId === undefined || field.access !== 'logged-in') return
  const question = ++questions
  const answer = await askDuty()
  if (field.officer?.id !== officerId) return
  noteReachable(answer)
  const duty = dutyOf(answer)
  if (duty !== null) {
    if (question < answered) return
    answered = question
    field.duty = duty
    field.dutyAt = Date.now()
    await writeSetting(store, 'duty', { officerId, duty, fetchedAt: field.dutyAt })
    await refreshRouteLine(store, duty)
  } else if (field.duty && isOver(field.duty.unit)) {
    field.duty = null
    field.routeLine = null
    await store.delete('setting', 'duty')
    await store.delete('setting', 'routeLine')
  }
}

function dutyOf(answer: Answer<Duty>): Duty | null {
  if (answer.kind === 'ok') return answer.value
  return answer.kind === 'problem' && answer.problem.code === 'NOT_ALLOWED' ? noDuty : null
}

function noteReachable(answer: Answer<unknown>): void {
  field.online = answer.kind !== 'offline'
  if (answer.kind === 'problem' && answer.status === 401) field.access = 'expired'
}

/** An hour of grace: the last point of a shift is often signed a little late. */
function isOver(unit: { endsAt: string } | null): boolean {
  return unit !== null && field.serverNow > Date.parse(unit.endsAt) + 3_600_000
}
