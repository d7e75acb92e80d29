/** An error for the log: what and where, without the parameters of a failed query, which may be personal data. */
export function describeError(error: unknown): { type: string; message: string; stack: string } {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error), stack: '' }
  const withoutParams = (text: string) => text.replace(/\nparams:.*(?=\n {4}at |$)/s, '')
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : ''
  const code = 'code' in error ? ` (${String(error.code)})` : ''
  return {
    type: error.name,
    message: `${withoutParams(error.message)}${cause}${code}`,
    stack: (error.stack ?? '')
      .split('\n')
      .filter((line) => line.startsWith('    at '))
      .join('\n'),
  }
}
