import { index, integer, pgTable, smallint, text, timestamp } from 'drizzle-orm/pg-core'
import { campaign } from './campaign.ts'
import { officer } from './officer.ts'
import { patrolPoint } from './patrol-point.ts'

/**
 * What a duty officer tells patrols: at one point, at the points of a campaign, or wherever its station, its precinct or
 * the city patrols. The place is as narrow as its columns say; a city-wide notice has none of them.
 */
export const notice = pgTable(
  'notice',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    precinctId: integer(),
    stationId: integer(),
    patrolPointId: integer().references(() => patrolPoint.id),
    campaignId: integer().references(() => campaign.id),
    title: text().notNull(),
    body: text().notNull(),
    /** 1 urgent, 2 normal, 3 low. */
    priority: smallint().notNull().default(2),
    audience: text({ enum: ['everyone', 'supervisors', 'beat-officers'] })
      .notNull()
      .default('everyone'),
    validFrom: timestamp({ withTimezone: true }).notNull(),
    validTo: timestamp({ withTimezone: true }),
    createdBy: integer()
      .notNull()
      .references(() => officer.id),
    createdAt: timestamp({ withTimezone: true }).notNull(),
    endedBy: integer().references(() => officer.id),
    endedAt: timestamp({ withTimezone: true }),
  },
  // Few are open at a time: the briefing reads those, the console pages through all.
  (table) => [index().on(table.endedAt, table.validTo), index().on(table.precinctId, table.id)],
)
