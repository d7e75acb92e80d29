import type { BriefingCard } from '@patrol/contract'
import type { Db } from '@patrol/db'
import type { Log } from '../log.ts'
import { chooseCards } from './choose-cards.ts'
import { findCandidates, type Arrival } from './find-candidates.ts'
import { createPointLocator } from './locate-points.ts'
import { recordReceipts, type Shown } from './record-receipts.ts'

export interface Briefer {
  /** The cards of an arrival; null where they take longer than `patienceMs` of real time or cannot be had. Never throws. */
  brief(arrival: Arrival, patienceMs: number): Promise<BriefingCard[] | null>
  /** Waits until everything that was shown is on record. */
  stop(): Promise<void>
}

/** Receipts that the database would not take, kept for the next round: about an hour of a city's check-ins. */
const mostPending = 5_000

interface Question {
  arrival: Arrival
  /** False: the officer was answered without cards before. */
  resolve(cards: BriefingCard[] | null): boolean
}

/**
 * Answers arrivals in rounds: while one query runs, the others gather for the next. So cards cost one connection and one query at
 * a time, however many officers arrive at once. Receipts are written after the answer, in the same round.
 */
export function createBriefer({ db, log }: { db: Db; log: Log }): Briefer {
  let queue: Question[] = []
  let pending: Shown[] = []
  let running: Promise<void> | null = null
  const locate = createPointLocator(db)

  function start() {
    if (running !== null || (queue.length === 0 && pending.length === 0)) return
    running = runRound().finally(() => {
      running = null
      if (queue.length > 0) start()
    })
  }

  async function runRound(): Promise<void> {
    const round = queue
    queue = []
    try {
      const arrivals = await locate(round.map(({ arrival }) => arrival))
      const found = await findCandidates(db, arrivals)
      for (const { arrival, resolve } of round) {
        const around = found.get(arrival.occasionId)
        const scored = chooseCards(around?.candidates ?? [], arrival.at)
        const isShown = resolve(scored.map(({ card }) => card))
        if (!isShown || around === undefined) continue
        pending.push(...scored.map((one, i) => ({ ...one, rank: i + 1, arrival, around })))
      }
      const shown = pending.splice(0)
      await recordReceipts(db, shown).catch((error: unknown) => {
        pending = [...shown, ...pending].slice(-mostPending)
        throw error
      })
    } catch (error) {
      log.warn({ err: error, arrivals: round.length }, 'arrivals were not briefed, or receipts wait')
      for (const { resolve } of round) resolve(null)
    }
  }

  return {
    brief: (arrival, patienceMs) =>
      new Promise((resolve) => {
        let late = false
        const timer = setTimeout(() => {
          late = true
          resolve(null)
        }, patienceMs)
        queue.push({
          arrival,
          resolve(cards) {
            clearTimeout(timer)
            resolve(cards)
            return !late
          },
        })
        start()
      }),
    async stop() {
      start()
      while (running !== null) await running
    },
  }
}
