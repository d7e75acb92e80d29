import { expect, test } from 'vitest'
import { inOrder } from './in-order.ts'

test('an answer that was overtaken is null; those that come in order are all given', async () => {
  const answers: ((text: string) => void)[] = []
  const read = inOrder(() => new Promise<string>((resolve) => answers.push(resolve)))
  const [first, second, third] = [read(), read(), read()]
  answers[1]?.('second')
  expect(await second).toBe('second')
  answers[0]?.('first')
  expect(await first).toBeNull()
  answers[2]?.('third')
  expect(await third).toBe('third')
})

test('a question that failed says so, and those after it are answered', async () => {
  const read = inOrder((what: 'fail' | 'answer') =>
    what === 'fail' ? Promise.reject(new Error('away')) : Promise.resolve(what),
  )
  await expect(read('fail')).rejects.toThrow('away')
  expect(await read('answer')).toBe('answer')
})
