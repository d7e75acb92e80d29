import type { OwnLayer } from './own-geojson.ts'

/** Own layers lie in this browser's IndexedDB, under one key: they are few, and read once. */
const database = 'patrol-own-layers'
const store = 'layers'
const key = 'all'

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(database, 1)
    request.onupgradeneeded = () => request.result.createObjectStore(store)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('IndexedDB does not open'))
  })
}

export async function recallOwnLayers(): Promise<OwnLayer[]> {
  const db = await open()
  try {
    return await new Promise((resolve, reject) => {
      const request: IDBRequest<OwnLayer[] | undefined> = db.transaction(store).objectStore(store).get(key)
      request.onsuccess = () => resolve(request.result ?? [])
      request.onerror = () => reject(request.error ?? new Error('own layers cannot be read'))
    })
  } finally {
    db.close()
  }
}

/** @throws when the browser has no room */
export async function keepOwnLayers(layers: readonly OwnLayer[]): Promise<void> {
  const db = await open()
  try {
    await new Promise<void>((resolve, reject) => {
      const transaction = db.transaction(store, 'readwrite')
      transaction.objectStore(store).put(layers, key)
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(transaction.error ?? new Error('own layers cannot be kept'))
    })
  } finally {
    db.close()
  }
}
