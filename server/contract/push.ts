import Type, { type Static } from 'typebox'

/** What a phone is woken for. The message says no more than this. */
export const PushKind = Type.Union([
  Type.Literal('order'),
  Type.Literal('message'),
  Type.Literal('sos'),
  /** An alert that nobody acknowledged has climbed the ladder to this officer. */
  Type.Literal('alert'),
])
export type PushKind = Static<typeof PushKind>

/** The server's key for subscriptions (VAPID, base64url); null where Web Push is off. */
export const PushKey = Type.Object({ publicKey: Type.Union([Type.String(), Type.Null()]) })
export type PushKey = Static<typeof PushKey>

/** What `PushSubscription.toJSON()` of a browser gives. */
export const PushSubscriptionRequest = Type.Object({
  endpoint: Type.String({ format: 'uri', maxLength: 1_000 }),
  keys: Type.Object({
    /** Uncompressed P-256 point, base64url. */
    p256dh: Type.String({ minLength: 80, maxLength: 100 }),
    /** 16 bytes, base64url. */
    auth: Type.String({ minLength: 20, maxLength: 30 }),
  }),
})
export type PushSubscriptionRequest = Static<typeof PushSubscriptionRequest>
