import { date, integer, pgTable, text } from 'drizzle-orm/pg-core'

/** 專案: temporary points for a time, such as an election or an epidemic. */
export const campaign = pgTable('campaign', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  kind: text({ enum: ['election', 'epidemic', 'festival', 'other'] }).notNull(),
  name: text().notNull(),
  nameEn: text(),
  startsOn: date({ mode: 'string' }).notNull(),
  endsOn: date({ mode: 'string' }).notNull(),
})
