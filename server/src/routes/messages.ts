import Type from 'typebox'
import { Inbox, Message, MessageCommand, MessageDetails, ReadReceipt } from '@patrol/contract'
import { inTransaction } from '@patrol/db'
import { describeMessage, listMessages, readInbox } from '../message/list-messages.ts'
import { markRead } from '../message/mark-read.ts'
import { sendMessage } from '../message/send-message.ts'
import { officerOf, principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import { recipientsOf } from '../push/audiences.ts'
import type { App } from '../app.ts'

const console = { access: ['operator', 'duty-officer', 'supervisor'] } as const
const phone = { access: ['officer', 'beat-officer', 'supervisor'] } as const

/** Words from the console to units, stations and everybody, and who has read them. */
export async function messageRoutes(app: App) {
  app.post(
    '/api/v1/messages',
    { config: console, schema: { body: MessageCommand, response: { 200: Message } } },
    async (request): Promise<Message> => {
      const sent = await inTransaction(app.db, (tx) =>
        sendMessage(tx, request.body, {
          officerId: officerOf(request).id,
          scope: principalOf(request).scope,
          now: app.clock.now(),
        }),
      )
      void app.sendPush(recipientsOf(sent.id), 'message')
      return sent
    },
  )

  app.get(
    '/api/v1/messages',
    {
      config: console,
      schema: {
        querystring: Type.Object({ limit: Type.Integer({ default: 100, minimum: 1, maximum: 500 }) }),
        response: { 200: Type.Object({ messages: Type.Array(Message) }) },
      },
    },
    async (request) => ({
      messages: await listMessages(app.db, principalOf(request).scope, request.query.limit),
    }),
  )

  app.get(
    '/api/v1/messages/:id',
    {
      config: console,
      schema: {
        params: Type.Object({ id: Type.String({ format: 'uuid' }) }),
        response: { 200: MessageDetails },
      },
    },
    async (request): Promise<MessageDetails> => {
      const found = await describeMessage(app.db, request.params.id, principalOf(request).scope)
      if (found === null) throw new ProblemError('NOT_FOUND')
      return found
    },
  )

  app.get(
    '/api/v1/inbox',
    { config: phone, schema: { response: { 200: Inbox } } },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      return readInbox(app.db, officerOf(request).id, app.clock.now())
    },
  )

  app.post('/api/v1/inbox/read', { config: phone, schema: { body: ReadReceipt } }, async (request, reply) => {
    const { ids } = request.body
    await inTransaction(app.db, (tx) =>
      markRead(tx, { ids, officerId: officerOf(request).id, now: app.clock.now() }),
    )
    return reply.code(204).send()
  })
}
