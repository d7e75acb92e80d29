import { sql } from 'drizzle-orm'
import type { Tx } from '@patrol/db'
import { type alertKinds, isKnownKind, kindOf, type KnownKind } from './alert-kinds.ts'

/** What holds of a kind in a precinct: the precinct's own row before the city's before the default. */
export interface RuleInForce {
  enabled: boolean
  thresholds: Readonly<Record<string, number>>
}

export interface Rules {
  of(kind: string, precinctId: number | null): RuleInForce
}

export interface RuleRow extends Record<string, unknown> {
  kind: string
  precinctId: number | null
  enabled: boolean
  thresholds: Record<string, number>
}

/** Reads what differs from the defaults: a handful of rows. */
export async function readRules(tx: Tx): Promise<Rules> {
  const { rows } = await tx.execute<RuleRow>(
    sql`select kind, precinct_id as "precinctId", enabled, thresholds from alert_rule`,
  )
  const set = new Map(rows.map((row) => [`${row.kind}:${row.precinctId ?? 'city'}`, row]))
  return {
    of(kind, precinctId) {
      const city = set.get(`${kind}:city`)
      const own = precinctId === null ? undefined : set.get(`${kind}:${precinctId}`)
      const known = kindOf(kind)
      return {
        enabled: !known.canBeQuiet || (own?.enabled ?? city?.enabled ?? true),
        thresholds: { ...defaultsOf(kind), ...city?.thresholds, ...own?.thresholds },
      }
    },
  }
}

/** The default thresholds of a kind, by name. */
export function defaultsOf(kind: string): Record<string, number> {
  return Object.fromEntries(
    Object.entries(kindOf(kind).thresholds).map(([name, { byDefault }]) => [name, byDefault]),
  )
}

/** A threshold that its kind declares. @throws for one that it does not */
export function threshold<K extends KnownKind>(
  rules: Rules,
  kind: K,
  name: keyof (typeof alertKinds)[K]['thresholds'] & string,
  precinctId: number | null = null,
): number {
  const value = rules.of(kind, precinctId).thresholds[name]
  if (value === undefined) throw new Error(`${kind} has no threshold ${name}.`)
  return value
}

/** What is wrong with such a setting; null when nothing is. `field` is within the body. */
export function checkRule(given: {
  kind: string
  enabled: boolean
  thresholds: Readonly<Record<string, number>>
}): { field: string; message: string } | null {
  if (!isKnownKind(given.kind)) return { field: '/kind', message: 'There is no such rule.' }
  const known = kindOf(given.kind)
  if (!given.enabled && !known.canBeQuiet) return { field: '/enabled', message: 'This one is never off.' }
  for (const [name, value] of Object.entries(given.thresholds)) {
    const bounds = known.thresholds[name]
    if (bounds === undefined)
      return { field: `/thresholds/${name}`, message: 'This rule has no such number.' }
    if (value < bounds.minimum || value > bounds.maximum) {
      return {
        field: `/thresholds/${name}`,
        message: `It must be from ${bounds.minimum} to ${bounds.maximum}.`,
      }
    }
  }
  return null
}
