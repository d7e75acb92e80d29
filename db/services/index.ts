import { installWithApt } from './apt.ts'
import { dockerAnswers, startDocker } from './docker.ts'
import { findBinaries } from './find-binaries.ts'
import { givenServices } from './given.ts'
import { startLocal } from './local.ts'
import { NoServicesError } from './no-services-error.ts'
import { readSecrets } from './secrets.ts'
import type { Services, ServicesOptions } from './services.ts'

export { installPackageWithApt } from './apt.ts'
export * from './database.ts'
export { findOnPath } from './find-binaries.ts'
export { NoServicesError } from './no-services-error.ts'
export type { Log, Service, Services, ServicesOptions, StopMode } from './services.ts'

/**
 * Brings up PostgreSQL + PostGIS and Redis: those of DATABASE_URL and REDIS_URL; else Docker Compose if an engine answers; else
 * private servers from local binaries; else, as root on Debian or Ubuntu, the same after apt-get.
 * Throws NoServicesError, with the line to type, where none of these is possible.
 */
export async function startServices(options: ServicesOptions): Promise<Services> {
  const given = givenServices(process.env)
  if (given) return given

  // A folder stays with the kind it began with: its data is there.
  const before = readSecrets(options.dataDir)?.kind
  if (before !== 'local' && (before === 'docker' || dockerAnswers())) return startDocker(options)

  const binaries = findBinaries()
  if (binaries) return startLocal(options, binaries)

  if (await installWithApt(options.log)) {
    const installed = findBinaries()
    if (installed) return startLocal(options, installed)
  }
  throw new NoServicesError()
}
