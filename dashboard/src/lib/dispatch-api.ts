import type {
  AssignmentCommand,
  Cancellation,
  DispatchIntervals,
  Incident,
  IncidentReport,
  Message,
  MessageCommand,
  MessageDetails,
  NearestUnits,
  Order,
  Reassignment,
  RosterUnit,
  RouteHandover,
} from '@patrol/contract'
import { ask } from './api.ts'

export const readNearest = ({ lon, lat }: { lon: number; lat: number }, limit: number) =>
  ask<NearestUnits>('GET', `/units/nearest?lon=${lon}&lat=${lat}&limit=${limit}`)
export const sendUnit = (command: AssignmentCommand) => ask<Order>('POST', '/assignments', command)
export const reassignOrder = (id: string, command: Reassignment) =>
  ask<Order>('POST', `/assignments/${id}/reassign`, command)
export const cancelOrder = (id: string, command: Cancellation) =>
  ask<Order>('POST', `/assignments/${id}/cancel`, command)
export const readOrder = (id: string) => ask<Order>('GET', `/assignments/${id}`)
export const readIntervals = (fromMs: number, toMs: number) => {
  const [from, to] = [fromMs, toMs].map((ms) => encodeURIComponent(new Date(ms).toISOString()))
  return ask<DispatchIntervals>('GET', `/dispatch-intervals?from=${from}&to=${to}`)
}
export const closeIncident = (id: number, reason: string) =>
  ask<Incident>('POST', `/incidents/${id}/close`, { reason })
export const reportIncident = (report: IncidentReport) => ask<Incident>('POST', '/incidents', report)

export const sendMessage = (command: MessageCommand) => ask<Message>('POST', '/messages', command)
export const readMessages = () => ask<{ messages: Message[] }>('GET', '/messages')
export const readMessage = (id: string) => ask<MessageDetails>('GET', `/messages/${id}`)

export const readRoster = () => ask<{ units: RosterUnit[] }>('GET', '/roster')
export const handOverRoute = (unitId: number, command: RouteHandover) =>
  ask<{ units: RosterUnit[] }>('POST', `/units/${unitId}/route`, command)
