import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Role, Scope } from '@patrol/contract'
import type { Db } from '@patrol/db'
import type { Place } from '../organisation/scope.ts'

/** What heavy work is given, inside its thread. */
export interface JobContext {
  db: Db
  /** Any randomness comes from it: the same input and seed give the same answer. */
  seed: number
  /** The officer who asked for it; null for a timer. */
  requestedBy: number | null
  /** City time at which it was asked for. A job that is begun again sees the same. */
  now: Date
  /** Setting OSRM_URL; empty for none. */
  osrmUrl: string
  /** Tells how far it is, 0 to 1, and at what. Call it as often as you like: people are told at most twice a second. */
  report(progress: number, note?: string): void
}

/** One kind of heavy work. */
export interface HeavyJob {
  /** Roles that may start it. */
  access: readonly Role[]
  /** The input with its defaults filled in, or the field at fault. */
  read(input: unknown): { value: unknown } | { field: string; message: string }
  /** Where the job belongs, that is, whose screens show it; null for what the asker may not see. */
  placeOf(db: Db, input: unknown, scope: Scope): Promise<Place | null>
  /** Whether each asking draws another seed, where the caller names none: nobody may foretell the answer. */
  drawsSeed: boolean
  /** Names the state of the data that the answer is of: asked again after that changed, it is another job. */
  version(db: Db, input: unknown): Promise<string>
  /**
   * Does the work and returns where the answer lies. It may be begun again from the start after its worker died, and be
   * ended in the middle of any line: what it writes for others, it writes in one transaction.
   */
  run(context: JobContext, input: unknown): Promise<Record<string, unknown>>
}

/** Binds a kind's schema to its functions, so that these see typed input. */
export function defineJob<Input extends TSchema>(kind: {
  input: Input
  access: readonly Role[]
  placeOf?(db: Db, input: Static<Input>, scope: Scope): Promise<Place | null>
  version?(db: Db, input: Static<Input>): Promise<string>
  drawsSeed?: boolean
  run(context: JobContext, input: Static<Input>): Promise<Record<string, unknown>>
}): HeavyJob {
  const shape = Compile(kind.input)
  const parse = (input: unknown): Static<Input> => {
    if (!shape.Check(input)) throw new Error('The input of a job is not what it was checked to be.')
    return input
  }
  return {
    access: kind.access,
    drawsSeed: kind.drawsSeed ?? false,
    read(input) {
      const value = shape.Default(structuredClone(input))
      if (shape.Check(value)) return { value }
      const [fault] = shape.Errors(value)
      return { field: fault?.instancePath ?? '', message: fault?.message ?? 'is not valid' }
    },
    placeOf: async (db, input, scope) => (kind.placeOf ?? placeOfScope)(db, parse(input), scope),
    version: async (db, input) => (await kind.version?.(db, parse(input))) ?? '',
    run: (context, input) => kind.run(context, parse(input)),
  }
}

/** Work on nothing in particular belongs where its asker does. */
async function placeOfScope(_db: Db, _input: unknown, scope: Scope): Promise<Place | null> {
  if (scope.city) return { precinctId: null, stationId: null }
  return { precinctId: scope.precinctIds[0] ?? null, stationId: scope.stationIds[0] ?? null }
}
