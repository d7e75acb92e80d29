#!/usr/bin/env node
// What every `npm run …` of this project starts with, on a machine that has only Node (18 or later) and npm. It needs no
// package: it installs them when they are missing or stale, then runs the command's TypeScript file under Node 24.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { runChild } from './run-child.mjs'
import { ensureToolchain, root } from './toolchain.mjs'

const commands = {
  demo: ['server/src/cli/demo.ts', 'set up everything, fill the demo city and start it'],
  test: ['server/src/cli/test.ts', 'set up everything and pass the tests'],
  check: ['server/src/cli/check.ts', 'type check, lint, format and migration drift only'],
  cli: ['server/src/cli/index.ts', 'import, seed, labels …: `cli --help` lists them'],
  build: ['server/src/cli/build.ts', 'build what is served and what serves it'],
  start: ['server/src/cli/start.ts', 'start the server with the settings of the environment'],
  conformance: ['server/src/cli/conformance.ts', 'judge published test vectors'],
  'bench:routes': ['server/src/cli/bench-routes.ts', 'measure patrol routes'],
  'bench:unpredictability': [
    'server/src/cli/bench-unpredictability.ts',
    'measure how foreseeable patrols are',
  ],
  'bench:hotspots': ['server/src/cli/bench-hotspots.ts', 'measure hotspots and forecasts'],
  'bench:verdicts': ['server/src/cli/bench-verdicts.ts', 'measure the judge on labelled scans'],
  'bench:windows': ['server/src/cli/bench-windows.ts', 'measure the absence engine'],
  'bench:realtime': ['loadtest/node/bench-realtime.ts', 'measure check-in to wall under load'],
  'bench:map': [
    'server/src/cli/bench-map.ts',
    'measure the map in a browser: frames, long tasks, event to pixel',
  ],
  'bench:soak': ['server/src/cli/bench-soak.ts', 'measure a wall for hours: memory, sockets, latency'],
  'bench:faults': ['loadtest/node/bench-faults.ts', 'measure what is lost when parts die'],
}

const [name = '--help', ...args] = process.argv.slice(2)

if (name === '--help' || name === '-h') {
  const width = Math.max(...Object.keys(commands).map((each) => each.length))
  const lines = Object.entries(commands).map(([each, [, says]]) => `  ${each.padEnd(width)}  ${says}`)
  console.log(`npm run <command> -- [options]\n\n${lines.join('\n')}`)
} else if (!Object.hasOwn(commands, name)) {
  console.error(`There is no command '${name}'. 'node server/bin/patrol.mjs --help' lists them.`)
  process.exitCode = 2
} else {
  process.exitCode = await runCommand(join(root, commands[name][0]))
}

/** Resolves with the exit code of the command's file. */
async function runCommand(file) {
  const node = await ensureToolchain()
  if (!existsSync(file)) {
    console.error(`'${name}' is not built yet: ${file} is missing.`)
    return 2
  }
  const endWithParent = pathToFileURL(join(root, 'server/bin/end-with-parent.mjs')).href
  // Only what runs the real city reads .env: tests and benches must never meet its database.
  const envFile = join(root, '.env')
  const settings = ['start', 'cli'].includes(name) && existsSync(envFile) ? [`--env-file=${envFile}`] : []
  return runChild(node, [...settings, '--import', endWithParent, file, ...args], {
    cwd: root,
    // The fourth descriptor is a pipe that closes when this process dies, however it dies.
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    env: {
      // Compiled code is kept between runs, so that a warm start spends no time on parsing.
      NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node'),
      INIT_CWD: process.cwd(),
      ...process.env,
      PATH: [join(root, 'node_modules/.bin'), process.env.PATH].filter(Boolean).join(delimiter),
      PATROL_PARENT_PIPE: '3',
    },
  })
}
