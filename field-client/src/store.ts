import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type {
  Breadcrumb,
  CheckIn,
  CheckInReceipt,
  Device,
  Duty,
  Me,
  NewWorkNote,
  Order,
  OrderAnswer,
  SosCall,
  SosReceipt,
} from '@patrol/contract'
import type { DeviceKey } from './device-key.ts'
import type { ContactList } from './contacts.ts'
import type { KeptLine } from './route-line.ts'
import type { StoredReply } from './replies.ts'

/** A check-in that the server has not yet confirmed. */
export type OutboxEntry = {
  /** Order of writing; given by the database. */
  seq?: number
  id: string
  checkIn: CheckIn
  addedAt: number
  /** What the server said against it, where it is neither stored nor quarantined: shown, and tried again. */
  problem: string | null
}

/** The server could not read this one: it keeps the bytes for an engineer, we keep it for the officer to see. */
export type HeldItem = { id: string; checkIn: CheckIn; addedAt: number; field: string; message: string }

/** A check-in on the server's record, as shown in the list of the day. */
export type HistoryItem = { id: string; addedAt: number; receipt: CheckInReceipt }

export type StoredBreadcrumb = { seq?: number; officerId: number; breadcrumb: Breadcrumb }

/** A call for help; without a receipt the server has not got it yet. */
export type SosEntry = { id: string; call: SosCall; receipt: SosReceipt | null }

/** A note or a photo that the server has not got yet. */
export type WorkRecord = {
  id: string
  checkInId: string
  officerId: number
  /** When it was said or taken, by the server's clock. */
  at: string
  addedAt: number
  /** Why the server does not take it; shown, and tried again. */
  problem: string | null
} & ({ kind: 'note'; note: NewWorkNote['kind'] } | { kind: 'photo'; jpeg: ArrayBuffer })

/** A stationary watch that was begun and not yet ended. */
export type RunningWatch = {
  /** The tap that began it. */
  checkInId: string
  officerId: number
  minutes: number
  /** Null until the server says which point it is. */
  pointName: string | null
  /** By the server's clock, ms since 1970. */
  startedAt: number
}
/** An answer to an order that the server has not taken yet; bound to who pressed it and to the epoch that was seen. */
export type QueuedAnswer = OrderAnswer & { officerId: number; orderId: string; title: string }

export type Settings = {
  orders: { officerId: number; orders: Order[] }
  answers: QueuedAnswer[]
  me: Me
  duty: { officerId: number; duty: Duty; fetchedAt: number }
  /** The way of the planned route that the duty names. */
  routeLine: KeptLine
  /** The server's clock beside the device's, in ms since 1970, and how fast it runs (a demonstration may run faster). */
  serverTime: { serverAt: number; deviceAt: number; speed: number }
  /** Logged out while offline: the server has still to be told before anybody goes on. */
  logoutPending: boolean
  watch: RunningWatch
  /** What this browser signs check-ins with, and what the server last said of it. Of the device: no log-out ends them. */
  deviceKey: DeviceKey
  device: Device
  /** Masked: what a beat officer's phone knows of contacts. */
  contacts: { officerId: number; list: ContactList }
}

interface FieldSchema extends DBSchema {
  outbox: { key: number; value: OutboxEntry; indexes: { id: string } }
  held: { key: string; value: HeldItem }
  history: { key: string; value: HistoryItem; indexes: { addedAt: number } }
  breadcrumb: { key: number; value: StoredBreadcrumb }
  sos: { key: string; value: SosEntry }
  record: { key: string; value: WorkRecord; indexes: { checkInId: string } }
  setting: { key: string; value: unknown }
  reply: { key: string; value: StoredReply; indexes: { addedAt: number } }
}
export type Store = IDBPDatabase<FieldSchema>

/** One more for each store that is added: phones in the field have the older ones. */
const VERSION = 4

/**
 * Opens the phone's database.
 * @param onOutdated another tab has a newer version of the app and waits: this tab can save nothing any more
 */
export function openStore(name = 'patrol-field', onOutdated = () => {}): Promise<Store> {
  return openDB<FieldSchema>(name, VERSION, {
    upgrade(database, oldVersion) {
      if (oldVersion < 2) database.createObjectStore('sos', { keyPath: 'id' })
      if (oldVersion < 3)
        database.createObjectStore('reply', { keyPath: 'id' }).createIndex('addedAt', 'addedAt')
      if (oldVersion < 4) {
        database.createObjectStore('record', { keyPath: 'id' }).createIndex('checkInId', 'checkInId')
      }
      if (oldVersion > 0) return
      const outbox = database.createObjectStore('outbox', { keyPath: 'seq', autoIncrement: true })
      outbox.createIndex('id', 'id', { unique: true })
      database.createObjectStore('held', { keyPath: 'id' })
      database.createObjectStore('history', { keyPath: 'id' }).createIndex('addedAt', 'addedAt')
      database.createObjectStore('breadcrumb', { keyPath: 'seq', autoIncrement: true })
      database.createObjectStore('setting')
    },
    blocking(_current, _blocked, event) {
      if (event.target instanceof IDBDatabase) event.target.close()
      onOutdated()
    },
  })
}

/** Reads one setting; undefined when it was never written. */
export async function readSetting<K extends keyof Settings>(
  store: Store,
  key: K,
): Promise<Settings[K] | undefined> {
  return asSetting<K>(await store.get('setting', key))
}

export async function writeSetting<K extends keyof Settings>(store: Store, key: K, value: Settings[K]) {
  await store.put('setting', value, key)
}

/** Changes the queue of answers on the disk, in one transaction: another tab may press at the same time. */
export async function changeAnswers(
  store: Store,
  change: (queue: QueuedAnswer[]) => QueuedAnswer[],
): Promise<QueuedAnswer[]> {
  const transaction = store.transaction('setting', 'readwrite', { durability: 'strict' })
  const queue = change(asSetting<'answers'>(await transaction.store.get('answers')) ?? [])
  await transaction.store.put(queue, 'answers')
  await transaction.done
  return queue
}

// Only `writeSetting` writes here, so the key tells the type.
function asSetting<K extends keyof Settings>(value: unknown) {
  return value as Settings[K] | undefined
}
