import Type, { type Static } from 'typebox'
import { Instant } from './basics.ts'

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const Id = Type.Integer({ minimum: 1, maximum: 2_147_483_647 })

/** To whom: those on duty there when it is sent. */
export const Audience = Type.Union([
  Type.Object({ kind: Type.Literal('unit'), id: Id }),
  Type.Object({ kind: Type.Literal('station'), id: Id }),
  Type.Object({ kind: Type.Literal('precinct'), id: Id }),
  Type.Object({ kind: Type.Literal('city') }),
])
export type Audience = Static<typeof Audience>

/** `POST /api/v1/messages`. */
export const MessageCommand = Type.Object({
  /** Made by the console: sent twice, it is one. */
  id: Type.String({ format: 'uuid' }),
  to: Audience,
  text: Type.String({ minLength: 1, maxLength: 1_000, pattern: '\\S' }),
  /** The phone sounds until it is read. */
  urgent: Type.Boolean(),
})
export type MessageCommand = Static<typeof MessageCommand>

/** What screens are told of a message: not its text, which may name people. */
export const MessageCount = Type.Object({
  id: Type.String(),
  sentAt: Instant,
  urgent: Type.Boolean(),
  /** How many were on duty there, … */
  recipients: Type.Integer(),
  /** … and how many of them have read it. */
  read: Type.Integer(),
})
export type MessageCount = Static<typeof MessageCount>

/** A message as the console lists it. */
export const Message = Type.Object({
  ...MessageCount.properties,
  text: Type.String(),
  audience: Type.Union([
    Type.Literal('unit'),
    Type.Literal('station'),
    Type.Literal('precinct'),
    Type.Literal('city'),
  ]),
  /** Call sign, or name of station or precinct; null for the whole city. */
  to: Nullable(Type.String()),
  sender: Type.String(),
})
export type Message = Static<typeof Message>

export const MessageReader = Type.Object({
  name: Type.String(),
  callSign: Type.String(),
  readAt: Nullable(Instant),
})

/** `GET /api/v1/messages/:id`. */
export const MessageDetails = Type.Object({ ...Message.properties, readers: Type.Array(MessageReader) })
export type MessageDetails = Static<typeof MessageDetails>

/** A message on the phone of one recipient. */
export const ReceivedMessage = Type.Object({
  id: Type.String(),
  text: Type.String(),
  urgent: Type.Boolean(),
  sender: Type.String(),
  sentAt: Instant,
  readAt: Nullable(Instant),
})
export type ReceivedMessage = Static<typeof ReceivedMessage>

/** `GET /api/v1/inbox`: the last three days, newest first. */
export const Inbox = Type.Object({ messages: Type.Array(ReceivedMessage) })
export type Inbox = Static<typeof Inbox>

/** `POST /api/v1/inbox/read`. */
export const ReadReceipt = Type.Object({
  ids: Type.Array(Type.String({ format: 'uuid' }), { minItems: 1, maxItems: 200 }),
})

/** socket.io `/phone`, event `news`: ask again for these. */
export const PhoneNews = Type.Object({
  what: Type.Array(Type.Union([Type.Literal('orders'), Type.Literal('messages'), Type.Literal('duty')])),
})
export type PhoneNews = Static<typeof PhoneNews>
