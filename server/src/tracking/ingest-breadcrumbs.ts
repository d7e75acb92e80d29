import type { Redis } from 'ioredis'
import type { Breadcrumb } from '@patrol/contract'
import { inTransaction, type Db, type OpenTx } from '@patrol/db'
import type { Channels } from '../realtime/channels.ts'
import { isUnusable, toReal, writeJsonb } from '../unusable.ts'
import { createDutyRoster, type DutySpell } from './duty-roster.ts'

export interface IngestResult {
  stored: number
  offDuty: number
  repeated: number
}

/** What the server knows of a breadcrumb besides; never taken from the sender's own words. */
export interface BreadcrumbOrigin {
  /** May it support a check-in? */
  isEvidence: boolean
  /** False for a fix that its own device does not believe: kept, but the wall does not follow it. */
  movesUnit: boolean
  /** Column `tracker_details`. */
  trackerDetails: object | null
}

export interface BreadcrumbIngest {
  /**
   * Stores an officer's breadcrumbs; returns after commit. Repeats are harmless, off-duty points are dropped unseen.
   * `origins` go with the breadcrumbs by index; without them they are the field client's own.
   */
  ingest(
    officerId: number,
    breadcrumbs: readonly Breadcrumb[],
    origins?: readonly BreadcrumbOrigin[],
  ): Promise<IngestResult>
  /** Breadcrumbs waiting: past `pauseAbove` a sender is asked to wait. */
  backlog(): number
  /** An officer with so much waiting must not send more: the rest of the backlog is for the others. */
  hasShareLeft(officerId: number): boolean
}

export const pauseAbove = 50_000
/** Ten full messages. A phone after an outage has two on their way. */
const officerShare = 5_000
const flushLimit = 5_000

interface Job {
  officerId: number
  breadcrumbs: readonly Breadcrumb[]
  origins: readonly BreadcrumbOrigin[]
  resolve(result: IngestResult): void
  reject(error: unknown): void
}

interface Located {
  officerId: number
  spell: DutySpell
  atMs: number
  crumb: Breadcrumb
  origin: BreadcrumbOrigin
}

const ownClient: BreadcrumbOrigin = { isEvidence: true, movesUnit: true, trackerDetails: null }

/**
 * Batches of many phones share one transaction: while one commits, the next gathers (2,000 phones with a commit each
 * would mean 2,000 fsyncs a second). Nobody is answered before the commit that holds their points.
 */
export function createBreadcrumbIngest(options: {
  db: Db
  redis: Redis
  channels: Channels
  now(): Date
}): BreadcrumbIngest {
  const roster = createDutyRoster(options.db)
  const days = new Set<string>()
  let queue: Job[] = []
  let waiting = 0
  const waitingOf = new Map<number, number>()
  let running = false

  async function run() {
    running = true
    while (queue.length > 0) {
      const jobs = takeJobs()
      try {
        await flush(jobs)
      } catch (error) {
        // What one phone sent must not hold up the others.
        if (jobs.length > 1 && isUnusable(error)) for (const job of jobs) await flush([job]).catch(job.reject)
        else for (const job of jobs) job.reject(error)
      }
    }
    running = false
  }

  /** One job per officer, so that the counts in each answer are exact; the rest waits for the next round. */
  function takeJobs(): Job[] {
    const taken = new Map<number, Job>()
    const rest: Job[] = []
    let size = 0
    for (const job of queue) {
      if (size >= flushLimit || taken.has(job.officerId)) rest.push(job)
      else {
        taken.set(job.officerId, job)
        size += job.breadcrumbs.length
      }
    }
    queue = rest
    for (const job of taken.values()) count(job, -job.breadcrumbs.length)
    return [...taken.values()]
  }

  function count({ officerId }: Job, change: number) {
    waiting += change
    const own = (waitingOf.get(officerId) ?? 0) + change
    if (own > 0) waitingOf.set(officerId, own)
    else waitingOf.delete(officerId)
  }

  async function flush(jobs: Job[]) {
    const now = options.now()
    await roster.load(
      jobs.map((job) => job.officerId),
      now,
    )
    const located = jobs.flatMap(locate)
    const stored = located.length === 0 ? new Map<number, number>() : await store(located, now)
    const onDuty = Map.groupBy(located, (one) => one.officerId)
    for (const job of jobs) {
      const kept = onDuty.get(job.officerId)?.length ?? 0
      const count = stored.get(job.officerId) ?? 0
      job.resolve({ stored: count, offDuty: job.breadcrumbs.length - kept, repeated: kept - count })
    }
  }

  function locate({ officerId, breadcrumbs, origins }: Job): Located[] {
    return breadcrumbs.flatMap((crumb, index) => {
      const atMs = Date.parse(crumb.recordedAt)
      const spell = roster.spellAt(officerId, atMs)
      return spell === null ? [] : [{ officerId, spell, atMs, crumb, origin: origins[index] ?? ownClient }]
    })
  }

  async function store(located: Located[], now: Date): Promise<Map<number, number>> {
    await ensurePartitions(located)
    const latest = latestPerUnit(located)
    const stored = await inTransaction(options.db, async (tx) => {
      const counts = await insertBreadcrumbs(tx, located, now)
      await moveUnits(tx, latest)
      return counts
    })
    publish(latest)
    return stored
  }

  async function ensurePartitions(located: Located[]) {
    for (const day of new Set(located.map((one) => new Date(one.atMs).toISOString().slice(0, 10)))) {
      if (days.has(day)) continue
      await options.db.$client.query('select ensure_breadcrumb_partition($1)', [day])
      days.add(day)
    }
  }

  function publish(latest: readonly Located[]) {
    const byPrecinct = Map.groupBy(latest, (one) => one.spell.precinctId)
    for (const [precinctId, units] of byPrecinct) {
      const message = JSON.stringify({ units: units.map(movedUnit) })
      // Class B: if Redis is away, the wall sees the unit's age grow and the next snapshot has its place.
      options.redis.publish(options.channels.units(precinctId), message).catch(() => undefined)
    }
  }

  return {
    ingest: (officerId, breadcrumbs, origins = []) =>
      new Promise((resolve, reject) => {
        const job = { officerId, breadcrumbs, origins, resolve, reject }
        queue.push(job)
        count(job, breadcrumbs.length)
        if (!running) void run()
      }),
    backlog: () => waiting,
    hasShareLeft: (officerId) => (waitingOf.get(officerId) ?? 0) < officerShare,
  }
}

/** Latest first per unit, in unit order, so that two processes cannot deadlock on `unit_position`. */
function latestPerUnit(located: readonly Located[]): Located[] {
  const latest = new Map<number, Located>()
  for (const one of located) {
    if (!one.origin.movesUnit) continue
    const known = latest.get(one.spell.unitId)
    if (known === undefined || known.atMs < one.atMs) latest.set(one.spell.unitId, one)
  }
  return [...latest.values()].sort((a, b) => a.spell.unitId - b.spell.unitId)
}

async function insertBreadcrumbs(
  tx: OpenTx,
  located: readonly Located[],
  now: Date,
): Promise<Map<number, number>> {
  const { rows } = await tx.$client.query<{ officer_id: number; count: number }>({
    name: 'insert-breadcrumbs',
    text: `with added as (
        insert into breadcrumb (officer_id, recorded_at, unit_id, received_at, lon, lat, accuracy_meters, speed_mps,
          heading_degrees, battery_percent, is_evidence, tracker_details)
        select officer_id, to_timestamp(at / 1000), unit_id, $10, lon, lat, accuracy, speed, heading, battery,
          is_evidence, details::jsonb
        from unnest($1::int[], $2::float8[], $3::int[], $4::float8[], $5::float8[], $6::real[], $7::real[],
          $8::real[], $9::smallint[], $11::boolean[], $12::text[])
          as b(officer_id, at, unit_id, lon, lat, accuracy, speed, heading, battery, is_evidence, details)
        on conflict do nothing returning officer_id
      ) select officer_id, count(*)::int as count from added group by officer_id`,
    values: [
      writeNumbers(located.map((one) => one.officerId)),
      writeNumbers(located.map((one) => one.atMs)),
      writeNumbers(located.map((one) => one.spell.unitId)),
      writeNumbers(located.map((one) => one.crumb.lon)),
      writeNumbers(located.map((one) => one.crumb.lat)),
      writeNumbers(located.map((one) => toReal(one.crumb.accuracyMeters))),
      writeNumbers(located.map((one) => toReal(one.crumb.speedMps))),
      writeNumbers(located.map((one) => toReal(one.crumb.headingDegrees))),
      writeNumbers(located.map((one) => one.crumb.batteryPercent ?? null)),
      now,
      located.map((one) => one.origin.isEvidence),
      located.map(({ origin }) => origin.trackerDetails && writeJsonb(origin.trackerDetails)),
    ],
  })
  return new Map(rows.map((row) => [row.officer_id, row.count]))
}

async function moveUnits(tx: OpenTx, latest: readonly Located[]): Promise<void> {
  await tx.$client.query({
    name: 'move-units',
    text: `insert into unit_position (unit_id, precinct_id, station_id, lon, lat, accuracy_meters, speed_mps,
        heading_degrees, recorded_at)
      select unit_id, precinct_id, station_id, lon, lat, accuracy, speed, heading, to_timestamp(at / 1000)
      from unnest($1::int[], $2::int[], $3::int[], $4::float8[], $5::float8[], $6::real[], $7::real[], $8::real[],
        $9::float8[]) as u(unit_id, precinct_id, station_id, lon, lat, accuracy, speed, heading, at)
      on conflict (unit_id) do update set lon = excluded.lon, lat = excluded.lat,
        accuracy_meters = excluded.accuracy_meters, speed_mps = excluded.speed_mps,
        heading_degrees = excluded.heading_degrees, recorded_at = excluded.recorded_at
      where unit_position.recorded_at < excluded.recorded_at`,
    values: [
      writeNumbers(latest.map((one) => one.spell.unitId)),
      writeNumbers(latest.map((one) => one.spell.precinctId)),
      writeNumbers(latest.map((one) => one.spell.stationId)),
      writeNumbers(latest.map((one) => one.crumb.lon)),
      writeNumbers(latest.map((one) => one.crumb.lat)),
      writeNumbers(latest.map((one) => toReal(one.crumb.accuracyMeters))),
      writeNumbers(latest.map((one) => toReal(one.crumb.speedMps))),
      writeNumbers(latest.map((one) => toReal(one.crumb.headingDegrees))),
      writeNumbers(latest.map((one) => one.atMs)),
    ],
  })
}

/**
 * Numbers as PostgreSQL reads an array. pg looks into each for what must be escaped, which took a tenth of the server's time
 * in a herd; in a number nothing must.
 */
function writeNumbers(values: readonly (number | null)[]): string {
  return `{${values.map((value) => value ?? 'null').join()}}`
}

function movedUnit({ spell, crumb, atMs }: Located) {
  return {
    unitId: spell.unitId,
    precinctId: spell.precinctId,
    stationId: spell.stationId,
    lon: crumb.lon,
    lat: crumb.lat,
    headingDegrees: crumb.headingDegrees ?? null,
    speedMps: crumb.speedMps ?? null,
    accuracyMeters: crumb.accuracyMeters ?? null,
    recordedAt: new Date(atMs).toISOString(),
  }
}
