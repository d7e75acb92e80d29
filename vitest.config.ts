import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { defineConfig, type Plugin } from 'vitest/config'

const root = import.meta.dirname

/**
 * Compiles runes in the dashboard's and the field client's `.svelte.ts` files. The plugin is the dashboard's dependency and the
 * top level has none of its own; the one cast is for a module that is found at run time.
 */
async function loadSveltePlugin(): Promise<Plugin[]> {
  const file = createRequire(join(root, 'dashboard/package.json')).resolve('@sveltejs/vite-plugin-svelte')
  const module = (await import(pathToFileURL(file).href)) as { svelte(options: object): Plugin[] }
  return module.svelte({ configFile: false })
}

/** Vitest's own default leaves one core free: of two, one, and files that mostly wait for the database come one after another. */
const maxWorkers = Math.max(2, availableParallelism() - 1)

const needsServices = {
  globalSetup: ['server/test/services-setup.ts'],
  hookTimeout: 120_000,
}

const phones = ['server/test/browser/{field-*,beat-visit}.test.ts']

const inBrowsers = {
  globalSetup: [...needsServices.globalSetup, 'server/test/browser/build-setup.ts'],
  testTimeout: 300_000,
  // Two cores draw the map, run the city and look at it: now and then a page is late. The report names who needed a second
  // try; what fails twice is broken.
  retry: 1,
}

/** The groups run one after another, from 1 (0 would come last): on two cores a browser beside a database test makes both late. */
export default defineConfig({
  test: {
    projects: [
      {
        plugins: [loadSveltePlugin()],
        resolve: { alias: { $lib: join(root, 'dashboard/src/lib') } },
        test: {
          name: 'unit',
          include: ['{server/src,server/contract,db,dashboard/src,field-client/src,loadtest}/**/*.test.ts'],
          exclude: ['**/node_modules/**'],
          testTimeout: 60_000,
          maxWorkers,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...needsServices,
          name: 'server',
          include: ['server/test/**/*.test.ts'],
          exclude: ['server/test/browser/**', '**/node_modules/**'],
          testTimeout: 60_000,
          maxWorkers,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...needsServices,
          ...inBrowsers,
          name: 'phone',
          include: phones,
          // A phone waits more than it draws: two at a time are on time.
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          ...needsServices,
          ...inBrowsers,
          name: 'browser',
          include: ['server/test/browser/**/*.test.ts'],
          exclude: phones,
          fileParallelism: false,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
})
