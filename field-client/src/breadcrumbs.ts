import type { Breadcrumb, TelemetryAck, TelemetryBatch } from '@patrol/contract'
import type { Store } from './store.ts'

/** A shift of 12 hours at one every 3 s, with some to spare. */
const KEPT = 20_000
const BATCH_SIZE = 200
const SEND_EVERY_MS = 4_000
/** A socket that says nothing for so long is dead, whatever TCP thinks. */
const ACK_WITHIN_MS = 15_000
const RECONNECT_MS = { least: 1_000, most: 30_000 }

export type TelemetryState = 'off' | 'connecting' | 'sending' | 'paused' | 'elsewhere'

/** Keeps one breadcrumb until the server has it. The oldest go when the phone was offline for more than a shift. */
export async function addBreadcrumb(store: Store, officerId: number, breadcrumb: Breadcrumb) {
  const change = store.transaction('breadcrumb', 'readwrite')
  await change.store.add({ officerId, breadcrumb })
  if ((await change.store.count()) > KEPT) await (await change.store.openCursor())?.delete()
  await change.done
}

/**
 * The next batch of this officer after `after`: an unbroken run of sequence numbers, so that each item's own follows
 * from the last one's. Another officer's, left on a shared handheld, wait for that officer.
 */
export async function takeBatch(
  store: Store,
  officerId: number,
  after: number,
): Promise<TelemetryBatch | null> {
  const breadcrumbs: Breadcrumb[] = []
  let seq = after
  const range = IDBKeyRange.lowerBound(after, true)
  let cursor = await store.transaction('breadcrumb').store.openCursor(range)
  for (; cursor && breadcrumbs.length < BATCH_SIZE; cursor = await cursor.continue()) {
    const own = cursor.value.officerId === officerId
    if (breadcrumbs.length > 0 && (!own || cursor.key !== seq + 1)) break
    if (!own) continue
    breadcrumbs.push(cursor.value.breadcrumb)
    seq = cursor.key
  }
  return breadcrumbs.length > 0 ? { seq, breadcrumbs } : null
}

/** Deletes what the server has dealt with. */
export async function forgetBreadcrumbs(store: Store, officerId: number, upTo: number) {
  const change = store.transaction('breadcrumb', 'readwrite')
  let cursor = await change.store.openCursor(IDBKeyRange.upperBound(upTo))
  for (; cursor; cursor = await cursor.continue()) {
    if (cursor.value.officerId === officerId) await cursor.delete()
  }
  await change.done
}

/**
 * Sends the officer's breadcrumbs until the returned function is called; one tab at a time, or the track would be
 * sent twice. What is not acknowledged stays and is sent again after the next connection.
 */
export function startTelemetry(
  store: Store,
  officerId: number,
  onState: (state: TelemetryState) => void,
): () => void {
  const stopped = new AbortController()
  onState('connecting')
  const sendUntilStopped = () =>
    new Promise<void>((resolve) => {
      if (stopped.signal.aborted) return resolve()
      const close = keepSending(store, officerId, onState)
      stopped.signal.addEventListener('abort', () => resolve(close()))
    })
  const sendWhenAlone = async () => {
    // Without locks (no HTTPS) there is no other tab that could be asked.
    if (!navigator.locks) return sendUntilStopped()
    const taken = await navigator.locks.request('breadcrumbs', { ifAvailable: true }, async (lock) => {
      if (lock) await sendUntilStopped()
      return lock !== null
    })
    if (taken || stopped.signal.aborted) return
    onState('elsewhere')
    await navigator.locks.request('breadcrumbs', { signal: stopped.signal }, sendUntilStopped)
  }
  sendWhenAlone().catch((error: unknown) => {
    if (!stopped.signal.aborted) throw error
  })
  return () => {
    stopped.abort()
    onState('off')
  }
}

function keepSending(store: Store, officerId: number, onState: (state: TelemetryState) => void): () => void {
  let socket: WebSocket | null = null
  let failures = 0
  let retry: ReturnType<typeof setTimeout> | undefined
  let closed = false
  let awaiting: { seq: number; since: number } | null = null
  let sentUpTo = 0
  let paused = false

  const connect = () => {
    onState('connecting')
    socket = new WebSocket('/ws/telemetry')
    socket.onopen = () => {
      awaiting = null
      paused = false
      sentUpTo = 0
      onState('sending')
      void send()
    }
    socket.onmessage = ({ data }) => void hear(readTelemetryAnswer(data))
    socket.onclose = () => {
      if (closed) return
      onState('connecting')
      const wait = Math.min(RECONNECT_MS.most, RECONNECT_MS.least * 2 ** failures++)
      // Spread, or a thousand phones come back in the same second after an outage.
      retry = setTimeout(connect, wait * (0.5 + Math.random()))
    }
  }

  const send = async () => {
    if (!socket || socket.readyState !== WebSocket.OPEN) return
    if (awaiting) {
      if (performance.now() - awaiting.since > ACK_WITHIN_MS) socket.close()
      return
    }
    if (paused) return
    const current = socket
    const batch = await takeBatch(store, officerId, sentUpTo)
    if (!batch || awaiting || current.readyState !== WebSocket.OPEN) return
    awaiting = { seq: batch.seq, since: performance.now() }
    sentUpTo = batch.seq
    current.send(JSON.stringify(batch))
  }

  const hear = async (answer: TelemetryAck | null) => {
    if (!answer) return
    if ('pause' in answer) {
      paused = true
      onState('paused')
    } else if ('ack' in answer) {
      failures = 0
      paused = false
      await forgetBreadcrumbs(store, officerId, Math.min(answer.ack, sentUpTo))
      if (awaiting && answer.ack >= awaiting.seq) awaiting = null
      onState('sending')
      // A backlog goes out batch after batch; the fresh ones come at their own pace.
      const rest = await store.count('breadcrumb')
      if (rest >= BATCH_SIZE) void send()
    }
  }

  connect()
  const timer = setInterval(() => void send(), SEND_EVERY_MS)
  return () => {
    closed = true
    clearInterval(timer)
    clearTimeout(retry)
    socket?.close()
  }
}

function readTelemetryAnswer(data: unknown): TelemetryAck | null {
  const value: unknown = typeof data === 'string' ? JSON.parse(data) : null
  return typeof value === 'object' && value !== null ? asAnswer(value) : null
}

// The server answers by the contract it is tested against.
function asAnswer(value: object) {
  return value as TelemetryAck
}
