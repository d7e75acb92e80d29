/** Who knocks at a public door: the server, and the cookie of a session. */
export interface Door {
  server: string
  cookie: string
}

/** Asks one of the server's doors; a body makes it a POST. Throws when it does not answer with what was asked for. */
export async function ask({ server, cookie }: Door, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${server}${path}`, {
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    headers: { cookie, 'content-type': 'application/json', 'x-requested-with': 'patrol-simulator' },
    signal: AbortSignal.timeout(15_000),
  })
  if (!response.ok) {
    await response.body?.cancel()
    throw new Error(`The server answered ${response.status}.`)
  }
  return response.json()
}
