import { sql } from 'drizzle-orm'

/**
 * Id of the newest map of all categories and all hours, as SQL; null where there is none. What is not an analyst's own look
 * goes by it: alerts, presence and the situation room. A map of one rare category at night would turn them all round, and
 * tell another system what somebody here was asking about.
 */
export const generalMap = sql`(select max(id) from hotspot_map where categories = '{}' and hours is null)`
