import { sql, type SQL } from 'drizzle-orm'

/** Who is in these units, by the roster. */
export const membersOf = (unitIds: SQL) =>
  sql`select m.officer_id from unit_member m where m.unit_id in (${unitIds})`

/** Who holds an order now. */
export const holdersOf = (assignmentId: string) =>
  membersOf(sql`select a.unit_id from assignment a where a.id = ${assignmentId}`)

/** Who holds an order now, and who held it before: that phone must stop driving. */
export const lastHoldersOf = (assignmentId: string) =>
  membersOf(sql`
    (select act.unit_id from assignment_act act
     where act.assignment_id = ${assignmentId} and act.act in ('order', 'reassign') and act.problem is null
     order by act.epoch desc, act.at desc limit 2)`)

export const recipientsOf = (messageId: string) =>
  sql`select r.officer_id from message_recipient r where r.message_id = ${messageId}`
