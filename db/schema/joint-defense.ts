import { integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'
import { organisation } from './organisation.ts'

/** 區域聯防: precincts whose duty officers see and send each other's units while it lasts. */
export const jointDefense = pgTable('joint_defense', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  name: text().notNull(),
  createdBy: integer().notNull(),
  createdAt: timestamp({ withTimezone: true }).notNull(),
  endedBy: integer(),
  endedAt: timestamp({ withTimezone: true }),
})

export const jointDefensePrecinct = pgTable(
  'joint_defense_precinct',
  {
    jointDefenseId: integer()
      .notNull()
      .references(() => jointDefense.id),
    precinctId: integer()
      .notNull()
      .references(() => organisation.id),
  },
  (table) => [primaryKey({ columns: [table.jointDefenseId, table.precinctId] })],
)
