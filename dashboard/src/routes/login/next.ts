/** @returns where to go after logging in: only a path of this site, whatever somebody put into the address */
export function readNext(query: Pick<URLSearchParams, 'get'>): string | null {
  const next = query.get('next')
  return next !== null && /^\/(?![/\\])/.test(next) ? next : null
}
