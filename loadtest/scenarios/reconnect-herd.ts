// The promise: 550 screens and 2,000 devices come back within a second with half an hour of work, and it is stored (L4).
// node loadtest/node/serve-k6-city.ts --level L2 --out city.json, then: k6 run -e CITY=$PWD/city.json loadtest/scenarios/reconnect-herd.ts
import exec from 'k6/execution'
import ws from 'k6/ws'
import { sleep } from 'k6'
import { Trend } from 'k6/metrics'
import type { TelemetryAck } from '@patrol/contract'
import { herd } from '../lib/levels.ts'
import { thresholds } from '../lib/thresholds.ts'
import { breadcrumbsRefused, breadcrumbsStored, makeBreadcrumbs } from './lib/breadcrumbs.ts'
import { makeCheckIn, sendCheckIns } from './lib/check-in.ts'
import { ownOf, readCity } from './lib/city.ts'
import { followCity } from './lib/wall-screen.ts'

const limits = thresholds.L4
const batchSize = 120
const once = { executor: 'per-vu-iterations', iterations: 1, maxDuration: '10m' } as const

const checkInsStoredMs = new Trend('check_ins_stored_ms', true)
const breadcrumbsStoredMs = new Trend('breadcrumbs_stored_ms', true)

export const options = {
  scenarios: {
    screens: { ...once, exec: 'screen', vus: herd.walls + herd.consoles },
    devices: { ...once, exec: 'device', vus: herd.devices },
  },
  thresholds: {
    check_ins_stored_ms: [`max<=${limits.checkInsStoredSeconds * 1_000}`],
    breadcrumbs_stored_ms: [`max<=${limits.breadcrumbsStoredSeconds * 1_000}`],
    check_ins_not_stored: ['count==0'],
    events_lost_or_doubled: ['count==0'],
    breadcrumbs_refused: ['count==0'],
  },
}

export function screen(): void {
  sleep(Math.random() * (herd.withinMs / 1_000))
  const { walls, consoles } = readCity()
  followCity(
    ownOf(exec.scenario.iterationInTest % 11 === 0 ? walls : consoles, exec.scenario.iterationInTest + 1),
    120,
  )
}

export function device(): void {
  sleep(Math.random() * (herd.withinMs / 1_000))
  const unit = ownOf(readCity().units, exec.scenario.iterationInTest + 1)
  const started = Date.now()
  sendCheckIns(
    unit.cookie,
    Array.from({ length: herd.checkInsPerDevice }, (_, i) => makeCheckIn(unit, i)),
  )
  checkInsStoredMs.add(Date.now() - started)
  uploadTrack(unit, started)
}

/** Half an hour of breadcrumbs, the next batch when the last is acknowledged. */
function uploadTrack(
  unit: ReturnType<typeof ownOf<ReturnType<typeof readCity>['units'][number]>>,
  started: number,
) {
  const url = `${readCity().origin.replace(/^http/, 'ws')}/ws/telemetry`
  const since = started - herd.outageMinutes * 60_000
  const everyMs = (herd.outageMinutes * 60_000) / herd.breadcrumbsPerDevice
  ws.connect(url, { headers: { cookie: unit.cookie } }, (socket) => {
    let sent = 0
    const sendNext = () => {
      if (sent >= herd.breadcrumbsPerDevice) return socket.close()
      const count = Math.min(batchSize, herd.breadcrumbsPerDevice - sent)
      sent += count
      const breadcrumbs = makeBreadcrumbs(unit, since + sent * everyMs, (count * everyMs) / 1_000, count)
      socket.send(JSON.stringify({ seq: sent, breadcrumbs }))
    }
    socket.on('open', sendNext)
    socket.on('message', (text) => {
      const answer: TelemetryAck = JSON.parse(text)
      if ('code' in answer) breadcrumbsRefused.add(1)
      if (!('ack' in answer)) return
      breadcrumbsStored.add(answer.stored)
      sendNext()
    })
    socket.setTimeout(() => socket.close(), 300_000)
  })
  breadcrumbsStoredMs.add(Date.now() - started)
}
