import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'

const publicDir = join(import.meta.dirname, 'public')

/** The wasm of exactly the zxing-wasm that barcode-detector loads: another version crashes at the first scan. */
const zxingWasm = createRequire(createRequire(import.meta.url).resolve('barcode-detector/ponyfill')).resolve(
  'zxing-wasm/reader/zxing_reader.wasm',
)

/**
 * Tells the service worker what to keep for the offline start: every built file but the fonts, whose hundred
 * subsets come on demand. The version is the content's, so that an unchanged build is no update.
 */
function listForServiceWorker(): Plugin {
  return {
    name: 'list-for-service-worker',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const contents = new Map<string, string | Uint8Array>()
        for (const [name, item] of Object.entries(bundle)) {
          if (name === 'service-worker.js' || /\.(woff2?|map)$/.test(name)) continue
          contents.set(name, item.type === 'chunk' ? item.code : item.source)
        }
        for (const name of readdirSync(publicDir)) contents.set(name, readFileSync(join(publicDir, name)))
        const names = [...contents.keys()].sort()
        const hash = createHash('sha256')
        for (const name of names) hash.update(name).update(contents.get(name) ?? '')
        const worker = bundle['service-worker.js']
        if (worker?.type !== 'chunk') throw new Error('service-worker.js was not built')
        worker.code = worker.code
          .replace('__VERSION__', hash.digest('hex').slice(0, 12))
          .replace('__FILES__', names.join('|'))
      },
    },
  }
}

// A build is what officers use, also when a test runner with NODE_ENV=test starts it: else it has no service worker.
if (process.argv.includes('build')) process.env['NODE_ENV'] = 'production'

export default defineConfig({
  base: '/field/',
  plugins: [svelte(), listForServiceWorker()],
  resolve: { alias: [{ find: /^zxing-reader\.wasm(?=\?|$)/, replacement: zxingWasm }] },
  server: {
    proxy: { '/api': 'http://127.0.0.1:8080', '/ws': { target: 'ws://127.0.0.1:8080', ws: true } },
  },
  build: {
    outDir: 'dist',
    target: 'es2022',
    // Below this the font's CSS would carry small subsets inline and load them for everybody.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        main: join(import.meta.dirname, 'index.html'),
        'service-worker': join(import.meta.dirname, 'src/service-worker.ts'),
      },
      output: {
        entryFileNames: (chunk) =>
          chunk.name === 'service-worker' ? 'service-worker.js' : 'assets/[name]-[hash].js',
      },
    },
  },
})
