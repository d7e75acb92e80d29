import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { join } from 'node:path'
import { startServices, type Services } from '@patrol/db/services'
import { runFault } from '../faults/run-fault.ts'
import { levels } from '../lib/levels.ts'
import { thresholds } from '../lib/thresholds.ts'
import { runSteady } from './run-steady.ts'
import { describeMachine } from './start-threads.ts'

// Small, and never about time: a busy machine is slow, but it loses nothing.
describe('the load lab', () => {
  let services: Services
  const say = () => undefined

  beforeAll(async () => {
    services = await startServices({
      dataDir: join(import.meta.dirname, '../../.data/test'),
      log: say,
      durable: false,
    })
  }, 120_000)
  afterAll(() => services.stop())

  test('a twentieth of the duty peak is stored and shown, each check-in once', async () => {
    const result = await runSteady('L1', levels.L1, thresholds.L1, {
      scale: 0.05,
      seconds: 5,
      gateways: 1,
      say,
      machine: describeMachine(),
      services,
    })
    expect(result).toMatchObject({ lost: 0, duplicated: 0, posGaps: 0, screensUnequal: 0, faults: [] })
    expect(result.stored).toBe(result.acknowledged)
    expect(result.stored).toBeGreaterThan(0)
    expect(result.answers).toEqual({ accepted: result.stored })
    expect(result.breadcrumbsStored).toBe(result.breadcrumbsSent)
    expect(result.breadcrumbsSent).toBeGreaterThan(0)
  }, 180_000)

  test('check-ins outlive two kills of the server and reach every screen once', async () => {
    const result = await runFault('kill-api', {
      checkIns: 200,
      kills: 2,
      perSecond: 40,
      walls: 2,
      points: 560,
      say,
      services,
    })
    expect(result).toMatchObject({
      acknowledged: 200,
      stored: 200,
      lost: 0,
      duplicated: 0,
      posGaps: 0,
      screensUnequal: 0,
      times: 2,
    })
    // Every screen was cut off and came back, twice.
    expect(result.screenCounts.connects).toBeGreaterThanOrEqual(3 * result.screens)
  }, 240_000)
})
