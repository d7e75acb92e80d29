import { randomUUID } from 'node:crypto'
import { io, type Socket } from 'socket.io-client'
import type {
  Assignment,
  Event,
  EventPage,
  Frame,
  Heartbeat,
  Order,
  OrderAnswer,
  Orders,
  WallSnapshot,
} from '@patrol/contract'
import { eventually, type TestCity } from './build-app.ts'

/** One request; the body of what came back, whatever it is. */
export async function ask<T>(
  city: TestCity,
  cookie: string,
  method: 'GET' | 'POST',
  url: string,
  body?: object,
) {
  const response = await fetch(`${city.origin}/api/v1${url}`, {
    method,
    headers: {
      cookie,
      'x-requested-with': 'patrol',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const read: T = text === '' ? null : JSON.parse(text)
  return { status: response.status, body: read }
}

export interface Heard {
  /** `<assignment> <epoch> <state> <unit>`. */
  key: string
  /** `performance.now()`. */
  at: number
}

export const keyOf = ({ id, epoch, state, unitId }: Assignment) => `${id} ${epoch} ${state} ${unitId}`

/** A screen on its socket: a snapshot, then frames in order; a gap is fetched. It keeps the orders that it sees. */
export async function openConsole(city: TestCity, cookie: string) {
  const seen = new Map<string, Assignment>()
  const heard: Heard[] = []
  const frames: Frame[] = []
  let pos: number | null = null
  let busy = Promise.resolve()

  function apply(event: Event): void {
    if (pos === null || event.pos <= pos) return
    pos = event.pos
    if (event.type === 'assignment:withdrawn') seen.delete(event.data.id)
    else if (event.type.startsWith('assignment:') && 'epoch' in event.data) {
      const order = event.data
      if (order.state === 'cleared' || order.state === 'cancelled') seen.delete(order.id)
      else seen.set(order.id, order)
      heard.push({ key: keyOf(order), at: performance.now() })
    }
  }
  async function take(): Promise<void> {
    for (let frame = frames.shift(); frame !== undefined && pos !== null; frame = frames.shift()) {
      await catchUp(frame.prevPos)
      frame.events.forEach(apply)
    }
  }
  async function catchUp(head: number): Promise<void> {
    if (pos === null || head <= pos) return
    const { body } = await ask<EventPage>(city, cookie, 'GET', `/events?after=${pos}`)
    body.events.forEach(apply)
  }
  const socket: Socket = city.openScreen(cookie)
  socket.on('frame', (frame: Frame) => {
    frames.push(frame)
    busy = busy.then(take)
  })
  // A frame lost between being back and having asked shows by the heartbeat, as on a real screen.
  socket.on('heartbeat', ({ pos: head }: Heartbeat) => {
    const wait = setTimeout(() => (busy = busy.then(() => catchUp(head))), 300)
    wait.unref()
  })
  await new Promise((resolve) => socket.once('connect', () => resolve(null)))
  const { body: snapshot } = await ask<WallSnapshot>(city, cookie, 'GET', '/wall')
  for (const order of snapshot.assignments) seen.set(order.id, order)
  pos = snapshot.pos
  busy = busy.then(take)
  return {
    heard,
    disconnect(): void {
      socket.disconnect()
    },
    /** Back again, it asks for what it missed. */
    async reconnect(): Promise<void> {
      if (socket.connected) return
      socket.connect()
      busy = busy.then(() => catchUp(Infinity))
      await busy
    },
    /** What it shows, in one spelling. */
    shows: () => [...seen.values()].map(keyOf).toSorted(),
  }
}

export type PhoneAct = OrderAnswer['act']

/** A phone on its live channel. It answers what it last saw; without network its answers wait, as they were pressed. */
export async function openPhone(city: TestCity, cookie: string) {
  const heard: Heard[] = []
  const answers: {
    answer: OrderAnswer
    orderId: string
    status: number
    body: Order & { code?: string; about?: string }
  }[] = []
  const queue: { orderId: string; answer: OrderAnswer }[] = []
  let view: Order[] = []
  let isOnline = true
  let asking = Promise.resolve()

  async function look(): Promise<void> {
    if (!isOnline) return
    const { body } = await ask<Orders>(city, cookie, 'GET', '/orders')
    view = body.orders
    for (const order of view) heard.push({ key: keyOf(order), at: performance.now() })
  }
  const socket = io(`${city.origin}/phone`, {
    transports: ['websocket'],
    extraHeaders: { cookie },
    forceNew: true,
  })
  socket.on('news', () => (asking = asking.then(look)))
  await new Promise((resolve) => socket.once('connect', () => resolve(null)))
  await look()

  async function send(): Promise<void> {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { orderId, answer } = next
      const { status, body } = await ask<Order>(city, cookie, 'POST', `/orders/${orderId}/answers`, answer)
      answers.push({ answer, orderId, status, body })
    }
  }
  return {
    heard,
    answers,
    async press(act: PhoneAct): Promise<void> {
      const order = view[0]
      if (order === undefined) return
      const claimedAt = new Date().toISOString()
      queue.push({ orderId: order.id, answer: { id: randomUUID(), epoch: order.epoch, act, claimedAt } })
      if (isOnline) await send()
    },
    disconnect(): void {
      isOnline = false
      socket.disconnect()
    },
    async reconnect(): Promise<void> {
      if (isOnline) return
      isOnline = true
      socket.connect()
      await send()
      await look()
    },
    async shows(): Promise<string[]> {
      await asking
      await look()
      return view.map(keyOf).toSorted()
    },
    /** What it knew by itself, without looking again. */
    knows: () => view.map(keyOf).toSorted(),
    /** Begins anew, as if it had answered nothing. */
    forget: () => answers.splice(0),
    close: () => socket.disconnect(),
  }
}

export async function showsAll(what: string, expected: string[], read: () => string[] | Promise<string[]>) {
  await eventually(`${what} to show ${expected.join(', ')}`, async () =>
    JSON.stringify(await read()) === JSON.stringify(expected) ? true : undefined,
  )
}
