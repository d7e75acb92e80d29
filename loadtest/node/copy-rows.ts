import type { Connection, Submittable } from 'pg'
import type pg from 'pg'

/** What pg's connection can do beyond its types: the COPY messages of the protocol. */
interface CopyConnection {
  query(text: string): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
}

/** pg declares these methods nowhere, and its own COPY packages use them. */
function asCopying(connection: Connection): CopyConnection {
  return connection as unknown as CopyConnection
}

/** One COPY statement. pg calls the `handle…` methods by name. */
class Copy implements Submittable {
  readonly done: Promise<Buffer[]>
  readonly #text: string
  readonly #given: Buffer[]
  readonly #taken: Buffer[] = []
  #resolve: (taken: Buffer[]) => void = () => undefined
  #reject: (error: Error) => void = () => undefined
  #failed = false

  constructor(text: string, given: Buffer[] = []) {
    this.#text = text
    this.#given = given
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  submit(connection: Connection) {
    asCopying(connection).query(this.#text)
  }

  handleCopyInResponse(connection: Connection) {
    const copying = asCopying(connection)
    for (const chunk of this.#given) copying.sendCopyFromChunk(chunk)
    copying.endCopyFrom()
  }

  handleCopyData({ chunk }: { chunk: Buffer }) {
    this.#taken.push(Buffer.from(chunk))
  }

  handleCommandComplete() {}

  handleReadyForQuery() {
    if (!this.#failed) this.#resolve(this.#taken)
  }

  handleError(error: Error) {
    this.#failed = true
    this.#reject(error)
  }
}

/** The rows of a query in COPY's binary-free text form. */
export async function copyOut(client: pg.ClientBase, query: string): Promise<Buffer[]> {
  return client.query(new Copy(`copy (${query}) to stdout`)).done
}

/** Puts such rows into a table. */
export async function copyIn(client: pg.ClientBase, table: string, rows: Buffer[]): Promise<void> {
  await client.query(new Copy(`copy ${table} from stdin`, rows)).done
}
