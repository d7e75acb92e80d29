import { sql } from 'drizzle-orm'

/**
 * Id of the newest map that a timer asked for (jobs/refresh-hotspots.ts), as SQL; null where there is none. Whatever is nobody's
 * own look goes by it: alerts, presence and the situation room. A map that an analyst asked for, of one rare category or of
 * the year before, would turn them all round, and tell another system what somebody here was asking about.
 */
export const generalMap = sql`(select (result->>'mapId')::int from job
  where kind = 'hotspots:map' and requested_by is null and state = 'done' order by id desc limit 1)`
