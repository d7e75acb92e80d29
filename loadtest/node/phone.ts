import { setTimeout as sleep } from 'node:timers/promises'
import type { CheckIn, CheckInAnswers } from '@patrol/contract'
import { batchSize } from '../lib/levels.ts'
import type { CheckInDoor } from './check-in-door.ts'
import type { BenchUnit } from './seed-city.ts'

export interface Phone {
  add(number: number, checkIn: CheckIn): void
  queued(): number
}

/** A field client's outbox: an item leaves it only on `{id, stored: true}`, and is sent again until then. */
export function makePhone(
  door: CheckInDoor,
  unit: BenchUnit,
  news: {
    sending(number: number): void
    stored(number: number, answer: CheckInAnswers['results'][number]): void
    failed(error: unknown): void
  },
): Phone {
  const outbox = new Map<string, { number: number; checkIn: CheckIn }>()
  let sending = false

  async function upload() {
    if (sending) return
    sending = true
    while (outbox.size > 0) {
      const batch = [...outbox.values()].slice(0, batchSize)
      for (const { number } of batch) news.sending(number)
      try {
        for (const answer of await door.send(
          unit.cookie,
          batch.map((item) => item.checkIn),
        )) {
          const item = answer.id === null ? undefined : outbox.get(answer.id)
          if (item === undefined || !('stored' in answer)) throw new Error('a check-in was quarantined')
          outbox.delete(item.checkIn.id)
          news.stored(item.number, answer)
        }
      } catch (error) {
        news.failed(error)
        await sleep(100 + 200 * Math.random())
      }
    }
    sending = false
  }

  return {
    add(number, checkIn) {
      outbox.set(checkIn.id, { number, checkIn })
      void upload()
    },
    queued: () => outbox.size,
  }
}
