import Type from 'typebox'
import { Compile } from 'typebox/compile'
import {
  BeatContacts,
  ContactDetails,
  ContactOpening,
  ItemAnswers,
  Visit,
  VisitBatch,
} from '@patrol/contract'
import { inTransaction } from '@patrol/db'
import { officerOf, principalOf } from '../plugins/session.ts'
import { ProblemError } from '../problems.ts'
import { listContacts } from '../visit/list-contacts.ts'
import { needToKnowOf } from '../visit/need-to-know.ts'
import { openForReading } from '../visit/open-contact.ts'
import { recordVisits } from '../visit/record-visits.ts'
import type { App } from '../app.ts'
import { answerItems } from './answer-items.ts'

const visitItem = Compile(Visit)
const knowing = ['beat-officer', 'supervisor'] as const

/** Visits of beat officers. Nothing here makes an event: these persons are nobody's business on a wall. */
export async function visitRoutes(app: App) {
  const keysOf = () => {
    const { contactKeys } = app.env
    if (contactKeys === null) throw new ProblemError('CONTACTS_OFF')
    return contactKeys
  }

  app.get(
    '/api/v1/contacts',
    { config: { access: knowing }, schema: { response: { 200: BeatContacts } } },
    async (request, reply): Promise<BeatContacts> => {
      reply.header('cache-control', 'no-store')
      return listContacts(app.db, keysOf(), needToKnowOf(principalOf(request).grants))
    },
  )

  app.post(
    '/api/v1/contacts/:id/open',
    {
      config: { access: knowing },
      schema: {
        params: Type.Object({ id: Type.String({ format: 'uuid' }) }),
        body: ContactOpening,
        response: { 200: ContactDetails },
      },
    },
    async (request, reply): Promise<ContactDetails> => {
      reply.header('cache-control', 'no-store')
      const keys = keysOf()
      const opened = await inTransaction(app.db, (tx) =>
        openForReading(tx, keys, {
          contactId: request.params.id,
          officerId: officerOf(request).id,
          need: needToKnowOf(principalOf(request).grants),
          purpose: request.body.purpose,
          now: app.clock.now(),
        }),
      )
      if (opened === null) throw new ProblemError('NOT_FOUND')
      if (opened === 'too-many') throw new ProblemError('TOO_MANY_REQUESTS')
      return opened
    },
  )

  app.post(
    '/api/v1/visits',
    {
      // Whoever uploads: the visitor's own need to know is looked up.
      config: { access: ['officer', 'beat-officer', 'supervisor', 'duty-officer', 'administrator'] },
      schema: { body: VisitBatch, response: { 200: ItemAnswers } },
      bodyLimit: 128 * 1024,
    },
    async (request) => {
      const officerId = officerOf(request).id
      const now = app.clock.now()
      return {
        results: await answerItems(app.db, {
          items: request.body.visits,
          schema: visitItem,
          officerId,
          now,
          store: (visits) => inTransaction(app.db, (tx) => recordVisits(tx, { visits, officerId, now })),
          unknown: { field: '/contactId', message: 'This contact is not of your beat.' },
        }),
      }
    },
  )
}
