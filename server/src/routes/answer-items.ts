import type { Validator } from 'typebox/compile'
import type { ItemAnswer } from '@patrol/contract'
import type { Db } from '@patrol/db'
import { quarantineItems, type RefusedItem } from '../check-in/quarantine-items.ts'
import { isUnusable } from '../unusable.ts'
import { faultOf } from './fault-of.ts'

type Schema<T> = Pick<Validator, 'Errors'> & { Check(value: unknown): value is T }

/**
 * Answers a batch from a phone's queue item by item: what the schema takes goes to `store`, which tells the ids on record; what
 * it does not take, and what `store` has no place for, is kept apart, so that a bad item blocks nothing and is not lost.
 */
export async function answerItems<T extends { id: string }>(
  db: Db,
  {
    items,
    schema,
    officerId,
    now,
    store,
    unknown,
  }: {
    items: readonly unknown[]
    schema: Schema<T>
    officerId: number
    now: Date
    store: (good: T[]) => Promise<ReadonlySet<string>>
    /** What to say of an item that was not stored. */
    unknown: { field: string; message: string }
  },
): Promise<ItemAnswer[]> {
  const stored = await storeEach(items.filter((item): item is T => schema.Check(item)))
  const refused: RefusedItem[] = []
  const results = items.map((item): ItemAnswer => {
    if (schema.Check(item) && stored.has(item.id.toLowerCase())) return { id: item.id, stored: true }
    const fault = schema.Check(item) ? unknown : faultOf(schema, item)
    refused.push({ raw: item, ...fault })
    return { id: idOf(item), refused: true, ...fault }
  })
  if (refused.length > 0) await quarantineItems(db, officerId, now, refused)
  return results

  /** All at once; where the database cannot take one of them, each alone. */
  async function storeEach(good: T[]): Promise<ReadonlySet<string>> {
    if (good.length === 0) return new Set()
    try {
      return await store(good)
    } catch (error) {
      if (!isUnusable(error)) throw error
      if (good.length === 1) return new Set()
      const sets: ReadonlySet<string>[] = []
      for (const one of good) sets.push(await storeEach([one]))
      return new Set(sets.flatMap((set) => [...set]))
    }
  }
}

function idOf(item: unknown): string | null {
  const id = typeof item === 'object' && item !== null && 'id' in item ? item.id : null
  return typeof id === 'string' ? id.slice(0, 100) : null
}
