import { sql } from 'drizzle-orm'
import { bigint, boolean, index, integer, pgTable, smallint, text, timestamp } from 'drizzle-orm/pg-core'
import { campaign } from './campaign.ts'
import { pointGeometry } from './geometry.ts'
import { importBatch } from './import-batch.ts'
import { organisation } from './organisation.ts'

export const patrolPoint = pgTable(
  'patrol_point',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    /** Printed on the box, such as `T00042`. */
    code: text().notNull().unique(),
    name: text().notNull(),
    category: text().notNull(),
    /** 1 is high-risk, 2 normal, 3 low. */
    priority: smallint().notNull().default(2),
    position: pointGeometry().notNull(),
    radiusMeters: integer().notNull().default(50),
    /** What an officer had better be trained for there, in the words of `officer.skills`. */
    wantedSkills: text()
      .array()
      .notNull()
      .default(sql`'{}'`),
    /** 守望: to stay so long, 5–10 minutes, and not only touch the tag. Null where a touch is enough. */
    watchMinutes: smallint(),
    address: text(),
    village: text(),
    precinctId: integer()
      .notNull()
      .references(() => organisation.id),
    stationId: integer()
      .notNull()
      .references(() => organisation.id),
    beatId: integer().references(() => organisation.id),
    /** H3 cells as signed 64-bit integers, computed once at ingest. */
    h3R8: bigint('h3_r8', { mode: 'bigint' }).notNull(),
    h3R9: bigint('h3_r9', { mode: 'bigint' }).notNull(),
    h3R10: bigint('h3_r10', { mode: 'bigint' }).notNull(),
    temporary: boolean().notNull().default(false),
    campaignId: integer().references(() => campaign.id),
    /** True for points made up for the demonstration: every screen says so. */
    synthetic: boolean().notNull().default(false),
    /** Key in the register it was imported from: importing the same file twice changes nothing. */
    sourceKey: text().unique(),
    importBatchId: integer().references(() => importBatch.id),
    createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    retiredAt: timestamp({ withTimezone: true }),
  },
  (table) => [
    index('patrol_point_position_gist').using('gist', table.position),
    index().on(table.precinctId, table.stationId),
  ],
)
