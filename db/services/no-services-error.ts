/** Says what to type, since the reader has a machine on which nothing works yet. */
export class NoServicesError extends Error {
  override name = 'NoServicesError'
  constructor() {
    super(
      [
        'PostgreSQL 15 or later with PostGIS, and Redis, are needed and were not found. One of these lines brings them:',
        '  Debian, Ubuntu   sudo apt-get install postgresql postgresql-postgis redis-server',
        '  macOS            brew install postgresql@17 postgis redis',
        '  Docker           install and start Docker with Compose: https://docs.docker.com/get-docker/',
        'Or name running ones: DATABASE_URL=postgres://user:password@host/database REDIS_URL=redis://host',
      ].join('\n'),
    )
  }
}
