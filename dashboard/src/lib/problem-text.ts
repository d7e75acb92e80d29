import { ApiProblem } from './api.ts'
import type { Messages } from './messages.ts'

export function writeProblem(error: unknown, text: Messages): string {
  return error instanceof ApiProblem ? text.errors[error.code] : text.errors.INTERNAL
}
