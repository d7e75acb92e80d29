/**
 * Lets short pieces of work through in the order they came, for at most `budgetMs` a turn of the event loop. Between turns
 * newcomers are let in and others are answered: the messages of 2,000 phones in one turn kept everybody else waiting for seconds.
 */
export function createTurns(budgetMs: number): <T>(work: () => T) => Promise<T> {
  let waiting: (() => void)[] = []

  function take() {
    const until = performance.now() + budgetMs
    let done = 0
    do waiting[done++]?.()
    while (done < waiting.length && performance.now() < until)
    waiting = waiting.slice(done)
    if (waiting.length > 0) setImmediate(take)
  }

  return (work) =>
    new Promise((resolve, reject) => {
      waiting.push(() => {
        try {
          resolve(work())
        } catch (error) {
          reject(error)
        }
      })
      if (waiting.length === 1) setImmediate(take)
    })
}
