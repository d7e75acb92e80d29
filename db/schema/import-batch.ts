import { integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core'

/** One import: what came from which file, so that it can be told apart and undone. */
export const importBatch = pgTable('import_batch', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  kind: text().notNull(),
  fileName: text().notNull(),
  rowsRead: integer().notNull(),
  rowsWritten: integer().notNull(),
  /** `[{line, field, reason}]`, the first thousand. */
  badRows: jsonb().notNull(),
  importedBy: integer(),
  importedAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
  undoneAt: timestamp({ withTimezone: true }),
})
