import http from 'k6/http'
import { check } from 'k6'
import { Counter, Trend } from 'k6/metrics'
import type { CheckIn, CheckInAnswers } from '@patrol/contract'
import { checkInId } from '../../lib/check-in-id.ts'
import { ownOf, readCity } from './city.ts'
import type { K6Unit } from './k6-city.ts'

/** Milliseconds from sending to `{id, stored: true}`. */
export const ackMs = new Trend('ack_ms', true)
export const notStored = new Counter('check_ins_not_stored')

/** Limits of a level on acknowledgement, in k6's words. */
export function ackThresholds(limits: { ackP95: number; ackP99: number }) {
  return {
    ack_ms: [`p(95)<=${limits.ackP95}`, `p(99)<=${limits.ackP99}`],
    check_ins_not_stored: ['count==0'],
  }
}

/** One check-in of a unit at one of its points, as its phone makes it. */
export function makeCheckIn(unit: K6Unit, number: number): CheckIn {
  const point = ownOf(unit.points, number + 1)
  const at = new Date().toISOString()
  return {
    id: checkInId(number, __VU % 0x10000, Date.now()),
    act: 'check-in',
    role: 'patrol',
    proof: { kind: 'qr', code: point.code },
    checkedInAt: at,
    clock: { deviceAt: at, monotonicMs: 1_000, beacon: null },
    position: { lon: point.lon, lat: point.lat, accuracyMeters: 12, fixedAt: at },
  }
}

/** Sends check-ins in one request and looks at each answer. */
export function sendCheckIns(cookie: string, checkIns: readonly CheckIn[]): void {
  const started = Date.now()
  const response = http.post(
    `${readCity().origin}/api/v1/check-ins`,
    JSON.stringify(checkIns.length === 1 ? checkIns[0] : { checkIns }),
    {
      headers: { cookie, 'content-type': 'application/json', 'x-requested-with': 'k6' },
      tags: { name: 'check-ins' },
    },
  )
  ackMs.add(Date.now() - started)
  const answers = readAnswers(response.status, response.body)
  notStored.add(checkIns.length - answers.filter((answer) => 'stored' in answer).length)
  check(response, { 'check-ins are stored': () => answers.length === checkIns.length })
}

function readAnswers(status: number, body: unknown): CheckInAnswers['results'] {
  if (status !== 200 || typeof body !== 'string') return []
  const answers: CheckInAnswers = JSON.parse(body)
  return answers.results
}
