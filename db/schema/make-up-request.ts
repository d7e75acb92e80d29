import { sql } from 'drizzle-orm'
import { bigint, index, integer, pgTable, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core'
import { officer } from './officer.ts'
import { patrolWindow } from './patrol-window.ts'

/** 補簽: somebody says that a missed point was visited, and why no check-in shows it. Another decides. */
export const makeUpRequest = pgTable(
  'make_up_request',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    patrolWindowId: bigint({ mode: 'number' })
      .notNull()
      .references(() => patrolWindow.id),
    requestedBy: integer()
      .notNull()
      .references(() => officer.id),
    requestedAt: timestamp({ withTimezone: true }).notNull(),
    reason: text().notNull(),
    state: text({ enum: ['open', 'approved', 'refused'] })
      .notNull()
      .default('open'),
    decidedBy: integer().references(() => officer.id),
    decidedAt: timestamp({ withTimezone: true }),
  },
  (table) => [
    index().on(table.patrolWindowId),
    uniqueIndex('make_up_request_open')
      .on(table.patrolWindowId)
      .where(sql`${table.state} = 'open'`),
  ],
)
