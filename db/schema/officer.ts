import { sql } from 'drizzle-orm'
import { integer, pgTable, primaryKey, text, timestamp, index } from 'drizzle-orm/pg-core'
import { organisation } from './organisation.ts'

export const officer = pgTable('officer', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  stationId: integer().references(() => organisation.id),
  precinctId: integer().references(() => organisation.id),
  /** Lower case. */
  login: text().notNull().unique(),
  name: text().notNull(),
  /** PHC string of argon2id. */
  passwordHash: text().notNull(),
  /** What they are trained for, such as `少年`: the planner sends them where a point asks for it. */
  skills: text()
    .array()
    .notNull()
    .default(sql`'{}'`),
  disabledAt: timestamp({ withTimezone: true }),
  createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
})

/** A role holds for the subtree below `organisationId`: the department means the whole city. */
export const roleGrant = pgTable(
  'role_grant',
  {
    officerId: integer()
      .notNull()
      .references(() => officer.id),
    role: text({
      enum: ['operator', 'duty-officer', 'officer', 'supervisor', 'beat-officer', 'administrator'],
    }).notNull(),
    organisationId: integer()
      .notNull()
      .references(() => organisation.id),
  },
  (table) => [primaryKey({ columns: [table.officerId, table.role, table.organisationId] })],
)

/** Failed log-ins by key (a hash of login, with or without address), known or not, so that nothing tells accounts apart. */
export const loginAttempt = pgTable(
  'login_attempt',
  {
    key: text().primaryKey(),
    failures: integer().notNull(),
    lastFailedAt: timestamp({ withTimezone: true }).notNull(),
  },
  (table) => [index().on(table.lastFailedAt)],
)
