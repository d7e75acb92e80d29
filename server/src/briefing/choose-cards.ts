import type { BriefingCard } from '@patrol/contract'

/** What may become a card, with all that its score needs. */
export interface Candidate extends Omit<BriefingCard, 'similarCount' | 'sameHours' | 'at'> {
  at: Date
  /** City hotline cases are mostly about streetlights and parking. */
  hotline: boolean
  /** Officers who say that it is not as told. */
  deniedBy: number
  /** This officer had it on a card in the last hours. */
  shownBefore: boolean
}

export interface ScoredCard {
  card: BriefingCard
  score: number
}

export const mostCards = 3
/** Metres around the officer; also what the seven cells of `nearCells` are sure to cover. */
export const nearMeters = 300
/** Incidents of so many days. */
export const recentDays = 30
/** Below this nobody needs to be told. */
const least = 25
const seenPenalty = 15
/** Around this hour of the day: hours before and after. */
const bandHours = 2

const dayMs = 86_400_000

/**
 * The cards of one arrival, best first, at most three; one per incident category, so that five thefts in one lane are one card.
 * The score is explained in server/docs/point-briefings.md.
 */
export function chooseCards(candidates: readonly Candidate[], now: Date): ScoredCard[] {
  const near = candidates.filter(({ distanceMeters }) => (distanceMeters ?? 0) <= nearMeters)
  const best = new Map<string, ScoredCard>()
  for (const candidate of near) {
    const alike = candidate.kind === 'incident' ? near.filter((one) => isAlike(one, candidate)) : [candidate]
    const banded = alike.filter((one) => isSameHours(one.at, now)).length
    const worth = scoreCandidate(candidate, banded, now)
    if (worth < least) continue
    const scored = {
      card: toCard(candidate, alike.length, alike.length > 1 && banded * 2 > alike.length),
      // Seen a while ago at another point, it makes room for what is new.
      score: worth - (candidate.shownBefore ? seenPenalty : 0),
    }
    const key =
      candidate.kind === 'incident' ? `incident ${candidate.title}` : `${candidate.kind} ${candidate.refId}`
    const known = best.get(key)
    if (known === undefined || known.score < scored.score) best.set(key, scored)
  }
  return [...best.values()]
    .sort((a, b) => b.score - a.score || b.card.refId - a.card.refId)
    .slice(0, mostCards)
}

const isAlike = (a: Candidate, b: Candidate) => a.kind === 'incident' && a.title === b.title

/** Points by priority 1, 2, 3. */
const incidentWeight = [30, 18, 8]
const noticeWeight = [85, 45, 25]
const reachWeight = { point: 30, campaign: 25, station: 15, precinct: 8, city: 0 }

/** @param banded incidents of its kind that happened around this hour of the day */
function scoreCandidate(candidate: Candidate, banded: number, now: Date): number {
  const days = Math.max(0, (now.getTime() - candidate.at.getTime()) / dayMs)
  const answers = scoreAnswers(candidate)
  switch (candidate.kind) {
    case 'notice':
      return (
        weigh(noticeWeight, candidate.priority) +
        reachWeight[candidate.reach ?? 'city'] +
        10 * Math.exp(-days / 7) +
        answers
      )
    case 'report':
      return 30 + 30 * Math.exp(-4 * days) + answers
    case 'incident': {
      const score =
        weigh(incidentWeight, candidate.priority) +
        30 * Math.exp(-days / 7) +
        20 * (1 - (candidate.distanceMeters ?? 0) / nearMeters) +
        (isSameHours(candidate.at, now) ? 15 : 0) +
        5 * Math.min(3, Math.max(0, banded - 1)) +
        (candidate.open && days < 0.5 ? 25 : 0)
      return score * (candidate.hotline ? 0.5 : 1) + answers
    }
  }
}

/** Somebody dealt with it, or two say that it is wrong: room for what still asks for eyes. */
function scoreAnswers({ lastAnswer, deniedBy }: Candidate): number {
  return (
    (lastAnswer?.answer === 'handled' ? -30 : 0) +
    (lastAnswer?.answer === 'useful' ? 5 : 0) +
    (deniedBy >= 2 ? -40 : 0)
  )
}

const weigh = (weights: readonly number[], priority: number) => weights[priority - 1] ?? weights.at(-1) ?? 0

/** On the clock, whatever the day: 23:00 is around 01:00. */
function isSameHours(a: Date, b: Date): boolean {
  const hours = Math.abs((a.getTime() - b.getTime()) / 3_600_000) % 24
  return Math.min(hours, 24 - hours) <= bandHours
}

function toCard(candidate: Candidate, similarCount: number, sameHours: boolean): BriefingCard {
  const { hotline: _hotline, deniedBy: _deniedBy, shownBefore: _shownBefore, at, ...card } = candidate
  return {
    ...card,
    at: at.toISOString(),
    similarCount,
    sameHours: candidate.kind === 'incident' && sameHours,
  }
}
