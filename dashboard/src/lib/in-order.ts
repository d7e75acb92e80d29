/**
 * Answers may overtake each other on their way. Wraps a question so that one which was asked before what has been answered
 * since gives null: it must not put an older state on the screen.
 */
export function inOrder<A extends unknown[], T>(
  ask: (...args: A) => Promise<T>,
): (...args: A) => Promise<T | null> {
  let asked = 0
  let newest = 0
  return async (...args) => {
    const nr = ++asked
    const answer = await ask(...args)
    if (nr < newest) return null
    newest = nr
    return answer
  }
}
