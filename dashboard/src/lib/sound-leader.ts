import { holdAudio } from './api.ts'

const askEveryMs = 3_000
const lockName = 'patrol.sound'

/**
 * One screen sounds: among the tabs of a machine the one that holds a Web Lock, and among the machines of a scope the one
 * that holds the server's lease. Without an answer from the server a screen keeps what it was: two alarms are better than
 * none.
 * @returns how to stop
 */
export function leadSound(tell: (isLeader: boolean) => void): () => void {
  const stopping = new AbortController()
  // Not randomUUID: a wall on the local network may be served without HTTPS.
  const screenId = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')

  async function lead(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        tell((await holdAudio(screenId)).isLeader)
      } catch (error) {
        console.warn('who sounds is not known, asking again', error)
      }
      await new Promise((resolve) => setTimeout(resolve, askEveryMs))
    }
  }

  if ('locks' in navigator) {
    navigator.locks.request(lockName, { signal: stopping.signal }, lead).catch((error: unknown) => {
      // Stopped while it waited for the other tab.
      if (!stopping.signal.aborted) throw error
    })
  } else void lead()
  return () => stopping.abort()
}
