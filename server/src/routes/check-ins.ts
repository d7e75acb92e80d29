import Type from 'typebox'
import { Compile } from 'typebox/compile'
import { sql } from 'drizzle-orm'
import {
  CheckIn,
  CheckInAnswers,
  type CheckInQuarantined,
  type CheckInReceipt,
  type CheckInSummary,
} from '@patrol/contract'
import { createAllowance } from '../check-in/allowance.ts'
import { briefCheckIns } from '../briefing/brief-check-ins.ts'
import type { Briefer } from '../briefing/brief-officers.ts'
import { createCheckInRecorder } from '../check-in/gather-check-ins.ts'
import { quarantineItems, type RefusedItem } from '../check-in/quarantine-items.ts'
import { listCheckIns } from '../check-in/list-check-ins.ts'
import { recordOrQuarantine } from '../check-in/record-or-quarantine.ts'
import { officerOf, principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import { faultOf } from './fault-of.ts'
import type { App } from '../app.ts'

const checkInItem = Compile(CheckIn)

/** Of one session: a week's outbox of a handheld that several officers share goes through at once. */
const allowed = { burst: 2_000, perSecond: 5 }
/** What no parser can read is kept whole, up to the limit of a body: it costs as much as a full batch. */
const unreadableCost = 50

/** `POST /api/v1/check-ins`: the door through which every tap comes in. Answers after commit. */
export async function checkInRoutes(app: App, { briefer }: { briefer: Briefer }) {
  await app.register(async (scope: App) => receiveCheckIns(scope, briefer))

  app.get(
    '/api/v1/check-ins',
    {
      config: {
        access: ['operator', 'duty-officer', 'supervisor', 'administrator', 'officer', 'beat-officer'],
      },
      schema: {
        querystring: Type.Object({
          limit: Type.Integer({ default: 50, minimum: 1, maximum: 500 }),
          /** The last id of the page before. */
          before: Type.Optional(Type.String({ format: 'uuid' })),
          verdict: Type.Optional(CheckInAnswers.properties.results.items.anyOf[0].properties.verdict),
          /** `supervisor`: inspections only (督簽). */
          role: Type.Optional(CheckIn.properties.role),
        }),
      },
    },
    async (request): Promise<{ checkIns: CheckInSummary[] }> => {
      const { scope, officer } = principalOf(request)
      const checkIns = await listCheckIns(app.db, { ...request.query, scope, officerId: officer?.id ?? null })
      return { checkIns }
    },
  )

  app.get(
    '/api/v1/check-ins/:id',
    {
      config: {
        access: ['operator', 'duty-officer', 'supervisor', 'administrator', 'officer', 'beat-officer'],
      },
      schema: { params: Type.Object({ id: Type.String({ format: 'uuid' }) }) },
    },
    async (request): Promise<CheckInSummary> => {
      const { scope, officer } = principalOf(request)
      const [found] = await listCheckIns(app.db, {
        limit: 1,
        scope,
        officerId: officer?.id ?? null,
        only: sql`c.id = ${request.params.id}`,
      })
      if (found === undefined) throw new ProblemError('NOT_FOUND')
      return found
    },
  )
}

/** The door itself. Its own parser of bodies keeps what is no JSON: it was an officer's, and may be a check-in. */
function receiveCheckIns(app: App, briefer: Briefer) {
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const text = String(body)
    void parseJson(request, text, (error, value) =>
      done(null, error === null ? value : new UnreadableBody(error.message, text)),
    )
  })
  const record = createCheckInRecorder(app.db, app.env)
  const allowance = createAllowance(allowed)
  app.post(
    '/api/v1/check-ins',
    {
      config: { access: ['officer', 'beat-officer', 'supervisor', 'duty-officer', 'administrator'] },
      schema: { body: Type.Unknown(), response: { 200: CheckInAnswers } },
      bodyLimit: 512 * 1024,
      // Receipts are built field by field. Fastify's writer would find out by a schema check which of two kinds each item is, and
      // needs 0.2 s to prepare that: the first phone after a restart waited for it.
      serializerCompiler: () => JSON.stringify,
    },
    async (request) => {
      const officer = officerOf(request)
      const { sessionId } = principalOf(request)
      const receivedAt = app.clock.now()
      if (request.body instanceof UnreadableBody) {
        spend(sessionId, unreadableCost)
        const fault = { field: 'body', message: request.body.message }
        await quarantineItems(app.db, officer.id, receivedAt, [{ raw: request.body.text, ...fault }])
        throw new ProblemError('INVALID_INPUT', fault)
      }
      const items = itemsOf(request.body)
      spend(sessionId, items.length)
      try {
        return { results: await receive(items, { officerId: officer.id, receivedAt }) }
      } catch (error) {
        // Not the phone's fault: it sends the same again.
        allowance.giveBack(sessionId, items.length)
        throw error
      }
    },
  )

  /** @throws TOO_MANY_REQUESTS when the session has spent what it may, with the seconds to wait */
  function spend(sessionId: number, cost: number) {
    const retryAfterSeconds = allowance.take(sessionId, cost)
    if (retryAfterSeconds > 0) throw new ProblemError('TOO_MANY_REQUESTS', { retryAfterSeconds })
  }

  async function receive(items: unknown[], by: { officerId: number; receivedAt: Date }) {
    const { good, refused } = sortItems(items)
    if (refused.length > 0) await quarantineItems(app.db, by.officerId, by.receivedAt, refused)
    const submission = {
      checkIns: good.map((item) => item.checkIn),
      ...by,
      clockSpeed: app.clock.speed,
    }
    const stored = await recordOrQuarantine(app.db, record, submission)
    const receipts = await briefCheckIns(briefer, submission, stored)
    const results: (CheckInReceipt | CheckInQuarantined)[] = []
    good.forEach((item, i) => {
      const receipt = receipts[i]
      if (receipt !== undefined) results[item.index] = receipt
    })
    for (const { index, answer } of refused) results[index] = answer
    return results
  }
}

class UnreadableBody {
  readonly message: string
  readonly text: string

  constructor(message: string, text: string) {
    this.message = message
    this.text = text
  }
}

/** One check-in, or `{checkIns: [1–50]}`. @throws INVALID_INPUT when the body is neither. */
function itemsOf(body: unknown): unknown[] {
  if (typeof body !== 'object' || body === null) throw new ProblemError('INVALID_INPUT', { field: 'body' })
  if (!('checkIns' in body)) return [body]
  const { checkIns } = body
  if (!Array.isArray(checkIns) || checkIns.length < 1 || checkIns.length > 50) {
    throw new ProblemError('INVALID_INPUT', {
      field: 'body/checkIns',
      message: 'checkIns must be an array of 1 to 50.',
    })
  }
  return checkIns
}

function sortItems(items: readonly unknown[]) {
  const good: { index: number; checkIn: CheckIn }[] = []
  const refused: (RefusedItem & { index: number; answer: CheckInQuarantined })[] = []
  items.forEach((item, index) => {
    if (checkInItem.Check(item)) return good.push({ index, checkIn: item })
    const { field, message } = faultOf(checkInItem, item)
    const answer = { id: idOf(item), quarantined: true as const, field, message }
    return refused.push({ index, raw: item, answer, field, message })
  })
  return { good, refused }
}

function idOf(item: unknown): string | null {
  const id = typeof item === 'object' && item !== null && 'id' in item ? item.id : null
  return typeof id === 'string' ? id.slice(0, 100) : null
}
