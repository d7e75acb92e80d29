import type { Db } from '@patrol/db'

/** Looks at every rule once. */
export async function runRules(_db: Db): Promise<void> {}
