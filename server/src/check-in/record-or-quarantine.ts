import type { CheckInQuarantined, CheckInReceipt } from '@patrol/contract'
import type { Db } from '@patrol/db'
import { isUnusable } from '../unusable.ts'
import { quarantineItems } from './quarantine-items.ts'
import type { Submission } from './record-check-in.ts'

/**
 * Records check-ins that have passed the schema; same order as the input. Where the database cannot take one of them
 * (the year 0, a number beyond its types), each goes alone, so that only that one is set apart.
 */
export async function recordOrQuarantine(
  db: Db,
  record: (submission: Submission) => Promise<CheckInReceipt[]>,
  submission: Submission,
): Promise<(CheckInReceipt | CheckInQuarantined)[]> {
  const { checkIns, officerId, receivedAt } = submission
  const [first] = checkIns
  if (first === undefined) return []
  try {
    return await record(submission)
  } catch (error) {
    if (!isUnusable(error)) throw error
    if (checkIns.length > 1) {
      const results: (CheckInReceipt | CheckInQuarantined)[] = []
      for (const checkIn of checkIns) {
        results.push(...(await recordOrQuarantine(db, record, { ...submission, checkIns: [checkIn] })))
      }
      return results
    }
    const fault = { field: '/', message: 'holds a value that cannot be stored' }
    await quarantineItems(db, officerId, receivedAt, [{ raw: first, ...fault }])
    return [{ id: first.id, quarantined: true, ...fault }]
  }
}
