import type { Desk, Handover, HandoverContents, HandoverSigning, HandoverTaking } from '@patrol/contract'
import { ask } from './api.ts'

export const readHandovers = (on?: string) =>
  ask<{ handovers: Handover[] }>('GET', `/handovers${on === undefined ? '' : `?on=${on}`}`)
export const readOpenWork = ({ precinctId, stationId }: Desk) => {
  const of =
    stationId !== null ? `?stationId=${stationId}` : precinctId === null ? '' : `?precinctId=${precinctId}`
  return ask<HandoverContents>('GET', `/handovers/open-work${of}`)
}
export const signHandover = (signing: HandoverSigning) => ask<Handover>('POST', '/handovers', signing)
export const takeHandover = (id: string, taking: HandoverTaking) =>
  ask<Handover>('POST', `/handovers/${id}/take`, taking)
