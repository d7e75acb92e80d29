import { bigint, index, integer, pgTable, smallint, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { sql } from 'drizzle-orm'
import { pointGeometry } from './geometry.ts'
import { incident } from './incident.ts'
import { unit } from './shift.ts'

const instant = () => timestamp({ withTimezone: true, precision: 3 })

/**
 * The order that one unit holds, accepts, arrives at and clears. The epoch rises at each reassignment: an answer to an older
 * one is stale. It belongs to an incident, or is a task of its own with a title and a place.
 */
export const assignment = pgTable(
  'assignment',
  {
    /** Made by the console, so that a repeated order is one order. */
    id: uuid().primaryKey(),
    incidentId: bigint({ mode: 'number' }).references(() => incident.id),
    title: text().notNull(),
    priority: smallint().notNull().default(2),
    position: pointGeometry().notNull(),
    address: text(),
    unitId: integer()
      .notNull()
      .references(() => unit.id),
    /** Of the unit that holds it … */
    precinctId: integer().notNull(),
    stationId: integer().notNull(),
    /** … and where it leads; null where nobody knows. */
    placePrecinctId: integer(),
    epoch: integer().notNull().default(1),
    state: text({ enum: ['ordered', 'accepted', 'refused', 'en-route', 'on-scene', 'cleared', 'cancelled'] })
      .notNull()
      .default('ordered'),
    orderedBy: integer().notNull(),
    /** For the unit's eyes; in no event. */
    note: text(),
    /** Why it was refused or cancelled. */
    reason: text(),
    /** The first order; a reassignment does not move it. */
    createdAt: instant().notNull(),
    /** Of the unit that holds it now. */
    orderedAt: instant().notNull(),
    acceptedAt: instant(),
    enRouteAt: instant(),
    onSceneAt: instant(),
    clearedAt: instant(),
    changedAt: instant().notNull(),
  },
  (table) => [
    index().on(table.unitId),
    index().on(table.incidentId),
    index().on(table.precinctId, table.createdAt),
    // Snapshots, phones and the search for free units ask for what is still to do.
    index('assignment_open')
      .on(table.unitId)
      .where(sql`${table.state} not in ('cleared', 'cancelled')`),
  ],
)

/** Each command and answer, also those refused: the same id again gets the same outcome. Append only. */
export const assignmentAct = pgTable(
  'assignment_act',
  {
    /** Made by the console or the phone. */
    id: uuid().primaryKey(),
    assignmentId: uuid().notNull(),
    act: text({
      enum: ['order', 'reassign', 'cancel', 'accept', 'refuse', 'en-route', 'on-scene', 'clear'],
    }).notNull(),
    /** The epoch that a command began or an answer was given to. */
    epoch: integer().notNull(),
    unitId: integer().notNull(),
    officerId: integer().notNull(),
    at: instant().notNull(),
    /** When the officer did it, by the phone; later than that it was sent. */
    claimedAt: instant(),
    reason: text(),
    /** Problem code of a refused one; null where it was done. */
    problem: text(),
  },
  (table) => [index().on(table.assignmentId, table.at)],
)
