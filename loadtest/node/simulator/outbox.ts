import type { CheckIn } from '@patrol/contract'

/** Like the field client's: a check-in stays until the server says `{id, stored: true}` or that it was put aside. */
export interface Outbox {
  add(checkIn: CheckIn): void
  /** Sends what waits, oldest first, up to 50 at once. Returns at once when a request is under way. */
  drain(): Promise<void>
  readonly size: number
}

const batchSize = 50
/** Before the next try after a failure. Milliseconds. */
const retryMs = 5_000

export function createOutbox(
  door: { server: string; cookie: string },
  onAnswer: (verdict: string) => void,
): Outbox {
  let waiting: CheckIn[] = []
  let busy = false
  let notBefore = 0

  async function drain() {
    if (busy || waiting.length === 0 || performance.now() < notBefore) return
    busy = true
    try {
      const dealtWith = await send(door, waiting.slice(0, batchSize), onAnswer)
      waiting = waiting.filter(({ id }) => !dealtWith.has(id))
    } catch {
      // No network or a server that is starting: the same ids go again, and count once.
      notBefore = performance.now() + retryMs
    } finally {
      busy = false
    }
  }

  return {
    add: (checkIn) => void waiting.push(checkIn),
    drain,
    get size() {
      return waiting.length
    },
  }
}

/** Returns the ids that need not be sent again. Throws when the server did not take the batch. */
async function send(
  { server, cookie }: { server: string; cookie: string },
  checkIns: readonly CheckIn[],
  onAnswer: (verdict: string) => void,
): Promise<Set<string>> {
  const response = await fetch(`${server}/api/v1/check-ins`, {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json', 'x-requested-with': 'patrol-simulator' },
    body: JSON.stringify({ checkIns }),
    signal: AbortSignal.timeout(15_000),
  })
  if (!response.ok) {
    await response.body?.cancel()
    throw new Error(`The server answered ${response.status}.`)
  }
  const body: unknown = await response.json()
  const dealtWith = new Set<string>()
  for (const answer of answersOf(body)) {
    if (typeof answer.id === 'string') dealtWith.add(answer.id)
    onAnswer(answer.verdict ?? 'quarantined')
  }
  return dealtWith
}

function answersOf(body: unknown): { id?: unknown; verdict?: string }[] {
  if (typeof body !== 'object' || body === null || !('results' in body) || !Array.isArray(body.results))
    return []
  return body.results.filter((each) => typeof each === 'object' && each !== null)
}
