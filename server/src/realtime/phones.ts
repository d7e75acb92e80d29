import { sql } from 'drizzle-orm'
import type { Server } from 'socket.io'
import type { Event, PhoneNews } from '@patrol/contract'
import type { Db } from '@patrol/db'
import type { Log } from '../log.ts'

/** The room of one officer's phones. The server alone puts a socket there. */
export const phoneRoom = (officerId: number) => `officer:${officerId}`

type Affair = PhoneNews['what'][number]

/**
 * Tells phones that something of theirs is new; what it is they ask for at their own door. So nothing is lost with a message:
 * a phone asks whenever it connects, and from time to time besides.
 */
export function startPhones(options: { io: Server; db: Db; log: Log }): (events: readonly Event[]) => void {
  const phones = options.io.of('/phone')

  async function tell(events: readonly Event[]): Promise<void> {
    const units = new Map<Affair, Set<number>>()
    const messages = new Set<string>()
    for (const event of events) {
      const affair = affairOf(event)
      if (affair === null) continue
      const known = units.get(affair) ?? new Set()
      units.set(affair, known)
      for (const id of unitsOf(event)) known.add(id)
      if (event.type === 'message:sent') messages.add(event.data.id)
    }
    for (const [affair, ids] of units) await send(affair, [...ids], [...messages])
  }

  async function send(affair: Affair, unitIds: number[], messageIds: string[]): Promise<void> {
    const { rows } = await options.db.execute<{ officer_id: number }>(
      affair === 'messages'
        ? sql`select officer_id from message_recipient where message_id = any(${sql.param(messageIds)}::uuid[])`
        : sql`select officer_id from unit_member where unit_id = any(${sql.param(unitIds)}::int[])`,
    )
    if (rows.length === 0) return
    const news: PhoneNews = { what: [affair] }
    phones.to(rows.map((row) => phoneRoom(row.officer_id))).emit('news', news)
  }

  return (events) => {
    if (phones.sockets.size === 0) return
    tell(events).catch((error: unknown) => options.log.warn({ err: error }, 'phones not told, they will ask'))
  }
}

function affairOf({ type }: Event): Affair | null {
  if (type === 'message:sent') return 'messages'
  // The route to follow is part of the duty.
  if (type === 'unit:changed' || type === 'route:assigned' || type === 'route:withdrawn') return 'duty'
  return type.startsWith('assignment:') ? 'orders' : null
}

function unitsOf(event: Event): number[] {
  switch (event.type) {
    case 'assignment:reassigned':
      return [event.data.unitId, event.data.fromUnitId]
    case 'assignment:ordered':
    case 'assignment:accepted':
    case 'assignment:refused':
    case 'assignment:en-route':
    case 'assignment:on-scene':
    case 'assignment:cleared':
    case 'assignment:cancelled':
    case 'route:assigned':
    case 'route:withdrawn':
      return [event.data.unitId]
    case 'unit:changed':
      return [event.data.id]
    default:
      return []
  }
}
