import type { CheckIn, CheckInAnswers } from '@patrol/contract'
import { Pool } from 'undici'

export interface CheckInDoor {
  /** Sends one check-in, or up to 50 in a batch. @throws when it was not answered with 200. */
  send(cookie: string, checkIns: readonly CheckIn[]): Promise<CheckInAnswers['results']>
  close(): Promise<void>
}

/** `POST /api/v1/check-ins` over connections that are kept. */
export function openCheckInDoor(origin: string, connections: number, timeoutMs = 30_000): CheckInDoor {
  const pool = new Pool(origin, {
    connections,
    pipelining: 1,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })
  return {
    async send(cookie, checkIns) {
      const response = await pool.request({
        path: '/api/v1/check-ins',
        method: 'POST',
        headers: { cookie, 'content-type': 'application/json', 'x-requested-with': 'loadtest' },
        body: JSON.stringify(checkIns.length === 1 ? checkIns[0] : { checkIns }),
      })
      const text = await response.body.text()
      if (response.statusCode !== 200) throw new Error(`check-ins answered ${response.statusCode}: ${text}`)
      const answers: CheckInAnswers = JSON.parse(text)
      return answers.results
    },
    close: () => pool.destroy(),
  }
}
