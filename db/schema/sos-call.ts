import { index, integer, pgTable, real, timestamp, uuid } from 'drizzle-orm/pg-core'
import { pointGeometry } from './geometry.ts'

const instant = () => timestamp({ withTimezone: true, precision: 3 })

/** A call for help from the field client. Its id makes a call that is sent again the same call. */
export const sosCall = pgTable(
  'sos_call',
  {
    /** UUIDv7 made by the phone. */
    id: uuid().primaryKey(),
    officerId: integer().notNull(),
    /** Whose log-in brought it; another than `officerId` where a shared handheld sent it late. */
    uploadedBy: integer().notNull(),
    /** When, as the phone claims. */
    calledAt: instant().notNull(),
    receivedAt: instant().notNull(),
    position: pointGeometry(),
    accuracyMeters: real(),
    /** The alert that it raised or joined. */
    alertId: integer(),
  },
  (table) => [index().on(table.officerId, table.receivedAt)],
)
