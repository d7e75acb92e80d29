import type { AlertRule } from '@patrol/contract'

export interface RuleInForce {
  enabled: boolean
  thresholds: Record<string, number>
  /** Whose setting it is. */
  source: 'default' | 'city' | 'own'
}

/** What holds in a precinct, or (null) in the city: one's own setting before the city's before the default. */
export function readRule(rule: AlertRule, precinctId: number | null): RuleInForce {
  const city = rule.settings.find((setting) => setting.precinctId === null)
  const own =
    precinctId === null ? undefined : rule.settings.find((setting) => setting.precinctId === precinctId)
  const defaults = Object.fromEntries(rule.thresholds.map(({ name, byDefault }) => [name, byDefault]))
  return {
    enabled: own?.enabled ?? city?.enabled ?? true,
    thresholds: { ...defaults, ...city?.thresholds, ...own?.thresholds },
    source: own ? 'own' : city ? 'city' : 'default',
  }
}
