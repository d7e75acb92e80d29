import type { CheckIn, CheckInReceipt } from '@patrol/contract'
import type { Briefer } from './brief-officers.ts'

/** Later than this the officer stands somewhere else: what was uploaded from a queue needs no cards. */
const freshMs = 15 * 60_000
/** An acknowledgement waits no longer than this for its cards: the phone asks for them again. */
const patienceMs = 250

/**
 * Adds the cards to the receipts of officers who stand at a point now: of each officer the newest check-in of the batch. None for
 * what was rejected, so that a forged label learns nothing, and none at a point of another precinct but what the whole
 * city is told.
 */
export async function briefCheckIns<T>(
  briefer: Briefer,
  { checkIns, officerId }: { checkIns: readonly CheckIn[]; officerId: number },
  answers: readonly (CheckInReceipt | T)[],
): Promise<(CheckInReceipt | T)[]> {
  const newest = new Map<number, { receipt: CheckInReceipt; pointId: number; scannedMs: number }>()
  checkIns.forEach((checkIn, i) => {
    const receipt = answers[i]
    if (!isReceipt(receipt) || receipt.point === null || receipt.verdict === 'rejected') return
    // As the phone claims: where no clock bounds it, the time that counts is the receipt's.
    const scannedMs = Date.parse(checkIn.checkedInAt)
    if (Date.parse(receipt.receivedAt) - scannedMs > freshMs) return
    const who = checkIn.officerId ?? officerId
    const known = newest.get(who)
    if (known !== undefined && known.scannedMs > scannedMs) return
    newest.set(who, { receipt, pointId: receipt.point.id, scannedMs })
  })
  const cards = new Map<unknown, Promise<CheckInReceipt>>()
  for (const [who, { receipt, pointId }] of newest) cards.set(receipt, addCards(who, receipt, pointId))
  return Promise.all(answers.map((answer) => cards.get(answer) ?? answer))

  async function addCards(who: number, receipt: CheckInReceipt, pointId: number): Promise<CheckInReceipt> {
    const arrival = {
      occasionId: receipt.id,
      officerId: who,
      pointId,
      position: null,
      at: new Date(receipt.receivedAt),
    }
    const cards = await briefer.brief(arrival, patienceMs)
    return cards === null ? receipt : { ...receipt, cards }
  }
}

function isReceipt(answer: unknown): answer is CheckInReceipt {
  return typeof answer === 'object' && answer !== null && 'stored' in answer && 'verdict' in answer
}
