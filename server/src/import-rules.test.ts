import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** A file, and one import in it that the house plan forbids. */
const FORBIDDEN = [
  ['dashboard/src/lib/api.ts', "import { connect } from '@patrol/db'"],
  ['dashboard/src/lib/api.ts', "import { readEnv } from '../../../server/src/env.ts'"],
  ['dashboard/src/lib/api.ts', "import { CheckIn } from '@patrol/contract'"],
  [
    'dashboard/src/routes/wall/Wall.svelte',
    '<script lang="ts">import { connect } from \'@patrol/db\'</script>',
  ],
  ['dashboard/src/lib/map/map.ts', "import { outbox } from '../../../../field-client/src/outbox.ts'"],
  ['field-client/src/outbox.ts', "import { connect } from '@patrol/db'"],
  ['field-client/src/outbox.ts', "import { readEnv } from '../../server/src/env.ts'"],
  ['field-client/src/outbox.ts', "import { api } from '../../dashboard/src/lib/api.ts'"],
  ['loadtest/node/smoke.ts', "import { buildApp } from '../../server/src/app.ts'"],
  ['loadtest/node/smoke.ts', "import { CheckIn } from '@patrol/contract'"],
  ['server/contract/check-in.ts', "import fastify from 'fastify'"],
  ['server/contract/check-in.ts', "import { connect } from '@patrol/db'"],
  ['server/contract/check-in.ts', "import { readEnv } from '../src/env.ts'"],
  ['db/schema/check-in.ts', "import type { CheckIn } from '@patrol/contract'"],
  ['db/seed/index.ts', "import { readEnv } from '../../server/src/env.ts'"],
  ['server/src/check-in/record-check-in.ts', "import fastify from 'fastify'"],
  ['server/src/window/sweep-windows.ts', "import { Queue } from 'bullmq'"],
  ['server/src/tracking/ingest-breadcrumbs.ts', "import { Server } from 'socket.io'"],
  ['server/src/alert/raise-alert.ts', "import { doors } from '../routes/alerts.ts'"],
  ['server/src/check-in/proof/sun.ts', "import { session } from '../../plugins/session.ts'"],
  ['server/src/hotspot/gi-star.ts', "import { job } from '../jobs/score-hotspots.ts'"],
  ['server/src/realtime/relay.ts', "import { doors } from '../routes/events.ts'"],
  ['server/src/realtime/frame.ts', "import { sockets } from '../plugins/sockets.ts'"],
  ['server/src/routes/events.ts', "import { buildApp } from '../app.ts'"],
  ['server/src/plugins/db.ts', "import { demo } from '../cli/demo.ts'"],
  ['server/src/env.ts', "import { start } from './main.ts'"],
] as const

/** What looks alike and is right. */
const ALLOWED = [
  ['dashboard/src/lib/api.ts', "import type { CheckIn } from '@patrol/contract'"],
  ['field-client/src/outbox.ts', "import type { CheckIn } from '@patrol/contract'"],
  ['loadtest/node/smoke.ts', "import { startServices } from '@patrol/db/services'"],
  ['server/contract/check-in.ts', "import Type from 'typebox'\nimport { Position } from './basics.ts'"],
  [
    'server/src/route/tsp.ts',
    "import { sql } from 'drizzle-orm'\nimport { CheckIn } from '@patrol/contract'",
  ],
  ['server/src/window/sweep-windows.ts', "import { ProblemError } from '../problems.ts'"],
  [
    'server/src/routes/events.ts',
    "import type { App } from '../app.ts'\nimport { catchUp } from '../realtime/catch-up.ts'",
  ],
] as const

describe('lint and the imports of the house plan', () => {
  // A copy of the rules over a tree of one-line files: the real folders are not touched.
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'patrol-lint-'))
    copyFileSync(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  function lint(file: string, code: string): string {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), `${code}\n`)
    const oxlint = join(root, 'node_modules/oxlint/bin/oxlint')
    const result = spawnSync(process.execPath, [oxlint, file], { cwd: folder, encoding: 'utf8' })
    rmSync(join(folder, file))
    return result.stdout + result.stderr
  }

  test.each(FORBIDDEN)('%s may not say %s', (file, code) => {
    expect(lint(file, code)).toContain('no-restricted-imports')
  })

  test.each(ALLOWED)('%s may say %s', (file, code) => {
    expect(lint(file, code)).not.toContain('no-restricted-imports')
  })
})
