import type { Redis } from 'ioredis'

/**
 * Listens, now and after each time Redis was away. `autoResubscribe` alone remembers only what had been subscribed before:
 * a gateway that started without Redis would never hear of it.
 */
export async function keepSubscribed(subscriber: Redis, subscribe: () => Promise<unknown>): Promise<void> {
  // Lost again while it asks: the next `ready` asks again.
  const ask = () => subscribe().catch(() => undefined)
  subscriber.on('ready', () => void ask())
  await ask()
}
