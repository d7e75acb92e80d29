import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Command } from 'commander'
import type { Db } from '@patrol/db'
import { readableCode, signQr } from '../check-in/proof/signed-qr.ts'
import { readCityKeys } from './city-keys.ts'
import { drawSheet, type Label } from './labels/draw-sheet.ts'
import { resolvePath, withDatabase } from './with-database.ts'

interface LabelFlags {
  point?: string
  station?: string
  out: string
  origin?: string
  dataDir?: string
}

export function addLabels(program: Command): void {
  program
    .command('labels')
    .description('print sheets of QR labels: a file for the printer, or SVG for one point')
    .option('--point <code>', 'the label of this point')
    .option('--station <code>', 'the labels of all points of this station, such as P02-S05')
    .requiredOption('--out <file>', '.html: sheets of A4 to print at 100 %; .svg: one point')
    .option(
      '--origin <url>',
      'where phones reach the system; default: PUBLIC_ORIGIN, or http://127.0.0.1:8080',
    )
    .option('--data-dir <folder>', 'the demonstration city, where DATABASE_URL is not set')
    .action(async (flags: LabelFlags) => {
      if ((flags.point === undefined) === (flags.station === undefined)) {
        console.error('Name either --point or --station.')
        process.exitCode = 2
        return
      }
      process.exitCode = await writeLabels(flags)
    })
}

async function writeLabels(flags: LabelFlags): Promise<number> {
  const dataDir = flags.dataDir === undefined ? undefined : resolvePath(flags.dataDir)
  const out = resolvePath(flags.out)
  const labels = await withDatabase(dataDir === undefined ? {} : { dataDir }, (db) => {
    const { tagKeys } = readCityKeys(dataDir)
    if (tagKeys === null)
      throw new Error('There are no keys: set TAG_KEYS, or name the city with --data-dir.')
    const origin = flags.origin ?? process.env['PUBLIC_ORIGIN'] ?? 'http://127.0.0.1:8080'
    return readLabels(db, { tagKeys, origin, point: flags.point, station: flags.station })
  })
  if (labels.length === 0) {
    console.error(`There is no live point with a label under ${flags.point ?? flags.station}.`)
    return 1
  }
  mkdirSync(dirname(out), { recursive: true })
  writeFileSync(out, await drawSheet(labels, out.endsWith('.svg') ? 'svg' : 'html'), { mode: 0o600 })
  console.error(`${labels.length} labels are in ${out}.`)
  return 0
}

/** Labels of a point or of a station's points, for phones that reach the system at `origin`. Throws when a key is missing. */
export async function readLabels(
  db: Db,
  wanted: {
    tagKeys: ReadonlyMap<number, Buffer>
    origin: string
    point?: string | undefined
    station?: string | undefined
  },
): Promise<Label[]> {
  const { rows } = await db.$client.query<{ code: string; opaque_id: string; version: number }>(
    `select p.code, t.opaque_id, t.key_version as version
     from patrol_point p join tag t on t.patrol_point_id = p.id join organisation s on s.id = p.station_id
     where t.kind = 'qr' and t.retired_at is null and t.revoked_at is null and p.retired_at is null
       and (p.code = $1 or s.code = $2) order by p.code`,
    [wanted.point ?? null, wanted.station ?? null],
  )
  return rows.map(({ code, opaque_id, version }) => {
    const key = wanted.tagKeys.get(version)
    if (key === undefined)
      throw new Error(`The label of ${code} was signed by key ${version}, which is not in TAG_KEYS.`)
    const opaqueId = BigInt(opaque_id)
    return {
      code,
      url: `${wanted.origin}/c/${signQr(opaqueId, version, key)}`,
      readable: readableCode(opaqueId),
    }
  })
}
