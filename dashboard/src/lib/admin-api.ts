import type { FeedKey, JointDefense, JointDefenseOrder, MadeFeedKey, NewFeedKey } from '@patrol/contract'
import { ask } from './api.ts'

export const readJointDefenses = () => ask<{ jointDefenses: JointDefense[] }>('GET', '/joint-defenses')
export const beginJointDefense = (order: JointDefenseOrder) =>
  ask<JointDefense>('POST', '/joint-defenses', order)
export const endJointDefense = (id: number) => ask<void>('POST', `/joint-defenses/${id}/end`, {})

export const readFeedKeys = () => ask<{ keys: FeedKey[] }>('GET', '/feed-keys')
export const createFeedKey = (key: NewFeedKey) => ask<MadeFeedKey>('POST', '/feed-keys', key)
export const revokeFeedKey = (id: number) => ask<void>('POST', `/feed-keys/${id}/revoke`, {})
