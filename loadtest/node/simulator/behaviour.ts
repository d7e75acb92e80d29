import { createHash } from 'node:crypto'
import type { DueWindow } from './read-city.ts'

// How people behave, as shares. Everything that decides about one window comes from its id, so that a restarted
// simulator goes on with the same plan.

/** Visits that nobody makes: sick leave, a long call, forgetting. */
const neverShare = 0.05

/** Of strolls that pass a box, so many end with a scan that no window asked for. */
export const unaskedShare = 0.03

/** Of all check-ins, so many are tricks. Some of each in a day of six thousand. */
export const cheatShares = {
  /** A photographed code, scanned from wherever the officer happens to be. */
  photographed: 0.003,
  /** A code made up on a computer. */
  forged: 0.0008,
  /** A second box miles away, two minutes later, with a faked position. */
  teleport: 0.0012,
  /** The device's clock turned back by most of an hour. */
  clockTurned: 0.0015,
} as const
export type Cheat = keyof typeof cheatShares

/** Times without network in a unit's hour of duty, and how long, in minutes. */
export const offlinePerHour = 0.08
export const offlineMinutes = { least: 4, most: 25 }

/** Metres per second on the way: the streets of the city, not the limit. */
export const speedRange = {
  car: [6, 12],
  motorcycle: [5, 10],
  foot: [1.1, 1.5],
} as const

/** Seconds at a point, all in all; the scan comes after a few of them. */
export const dwellSeconds = { least: 60, most: 300 }

/**
 * Between two 110 calls, on the mean: more than in the made-up past, so that a newcomer need not wait. And before a colleague
 * in the command center sends somebody where nobody did.
 */
export const callSeconds = { between: 150, untilSent: 240 }

/** From hearing of an order to accepting it, and at the scene. */
export const answerSeconds = { least: 5, most: 25 }
export const sceneSeconds = { least: 240, most: 900 }

export function pickCheat(): Cheat | null {
  let rest = Math.random()
  for (const [cheat, share] of Object.entries(cheatShares)) {
    rest -= share
    if (rest < 0 && isCheat(cheat)) return cheat
  }
  return null
}

const isCheat = (name: string): name is Cheat => name in cheatShares

/**
 * When somebody means to visit a window, epoch milliseconds; null when nobody will. Spread over most of the window. A
 * simulator that starts in the middle of the day finds that some are late already, and has much to do at first.
 */
export function planVisit(window: DueWindow): number | null {
  const digest = createHash('sha256').update(`visit ${window.windowId}`).digest()
  if (digest.readUInt32LE(0) / 2 ** 32 < neverShare) return null
  return window.startMs + (digest.readUInt32LE(4) / 2 ** 32) * (window.endMs - window.startMs) * 0.75
}

export const randomBetween = (least: number, most: number): number => least + Math.random() * (most - least)
