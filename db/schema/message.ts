import { sql } from 'drizzle-orm'
import { boolean, index, integer, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { officer } from './officer.ts'

const instant = () => timestamp({ withTimezone: true, precision: 3 })

/** A word from the console to officers on duty. Its text is in no event: it may name people. */
export const message = pgTable(
  'message',
  {
    /** Made by the console, so that one sent twice is one. */
    id: uuid().primaryKey(),
    senderId: integer()
      .notNull()
      .references(() => officer.id),
    audience: text({ enum: ['unit', 'station', 'precinct', 'city'] }).notNull(),
    unitId: integer(),
    /** Of the audience; null for the whole city. */
    precinctId: integer(),
    stationId: integer(),
    text: text().notNull(),
    urgent: boolean().notNull().default(false),
    sentAt: instant().notNull(),
  },
  (table) => [index().on(table.sentAt), index().on(table.precinctId, table.sentAt)],
)

/** Who was on duty in the audience when it was sent. */
export const messageRecipient = pgTable(
  'message_recipient',
  {
    messageId: uuid()
      .notNull()
      .references(() => message.id),
    officerId: integer()
      .notNull()
      .references(() => officer.id),
    unitId: integer().notNull(),
    readAt: instant(),
  },
  (table) => [
    primaryKey({ columns: [table.messageId, table.officerId] }),
    index('message_recipient_unread')
      .on(table.officerId)
      .where(sql`${table.readAt} is null`),
  ],
)
