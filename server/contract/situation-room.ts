import Type, { type Static } from 'typebox'
import { Instant } from './basics.ts'

/** The outgoing feed for the city's situation room (市政戰情系統). Its schemas are the whitelist of what it may send. */
const strict = { additionalProperties: false } as const
const Share = Type.Union([Type.Number(), Type.Null()])

const FeedNumbers = {
  onlineUnits: Type.Integer(),
  due: Type.Integer(),
  done: Type.Integer(),
  overdue: Type.Integer(),
  /** Percent; null where nothing was due, ended or registered. */
  coverage: Share,
  compliance: Share,
  visibility: Share,
}

export const FeedFigures = Type.Object(
  {
    /** When the figures were taken; null before the first sample. */
    at: Type.Union([Instant, Type.Null()]),
    city: Type.Object(FeedNumbers, strict),
    precincts: Type.Array(
      Type.Object(
        { code: Type.String(), name: Type.String(), nameEn: Type.String(), ...FeedNumbers },
        strict,
      ),
    ),
  },
  strict,
)
export type FeedFigures = Static<typeof FeedFigures>

/** GeoJSON: the precincts' public boundaries. */
export const FeedCoverage = Type.Object(
  {
    type: Type.Literal('FeatureCollection'),
    features: Type.Array(
      Type.Object(
        {
          type: Type.Literal('Feature'),
          geometry: Type.Unknown(),
          properties: Type.Object(
            {
              at: Type.Union([Instant, Type.Null()]),
              code: Type.String(),
              name: Type.String(),
              nameEn: Type.String(),
              coverage: Share,
              due: Type.Integer(),
              done: Type.Integer(),
            },
            strict,
          ),
        },
        strict,
      ),
    ),
  },
  strict,
)
export type FeedCoverage = Static<typeof FeedCoverage>

/** GeoJSON: H3 cells of resolution 8, each with three incidents or more. */
export const FeedCells = Type.Object(
  {
    type: Type.Literal('FeatureCollection'),
    features: Type.Array(
      Type.Object(
        {
          type: Type.Literal('Feature'),
          geometry: Type.Object(
            {
              type: Type.Literal('Polygon'),
              coordinates: Type.Array(Type.Array(Type.Array(Type.Number()))),
            },
            strict,
          ),
          properties: Type.Object({ cell: Type.String(), count: Type.Integer({ minimum: 3 }) }, strict),
        },
        strict,
      ),
    ),
  },
  strict,
)
export type FeedCells = Static<typeof FeedCells>

export const NewFeedKey = Type.Object({
  /** Who uses it. */
  name: Type.String({ minLength: 1, maxLength: 100 }),
  requestsPerMinute: Type.Integer({ default: 60, minimum: 1, maximum: 600 }),
})
export type NewFeedKey = Static<typeof NewFeedKey>

export const FeedKey = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  requestsPerMinute: Type.Integer(),
  /** Null for one made on the server's command line. */
  createdBy: Type.Union([Type.String(), Type.Null()]),
  createdAt: Instant,
  lastUsedAt: Type.Union([Instant, Type.Null()]),
  revokedAt: Type.Union([Instant, Type.Null()]),
})
export type FeedKey = Static<typeof FeedKey>

/** The answer to `POST /api/v1/feed-keys`: the only time that the key is told. */
export const MadeFeedKey = Type.Object({ id: Type.Integer(), key: Type.String() })
export type MadeFeedKey = Static<typeof MadeFeedKey>
