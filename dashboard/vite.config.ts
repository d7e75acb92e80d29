import adapter from '@sveltejs/adapter-static'
import { sveltekit } from '@sveltejs/kit/vite'
import { defineConfig } from 'vite'

// In development the API is that of a running server.
const server = process.env.PATROL_SERVER ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [
    sveltekit({
      // Every address of the dashboard is answered with the one fallback page.
      adapter: adapter({ fallback: 'index.html' }),
      paths: { relative: false },
      csp: {
        mode: 'hash',
        directives: {
          'default-src': ['self'],
          'script-src': ['self'],
          // OpenLayers and Svelte set style attributes.
          'style-src': ['self', 'unsafe-inline'],
          'img-src': ['self', 'data:', 'blob:'],
          'font-src': ['self', 'data:'],
          'connect-src': ['self', 'ws:', 'wss:'],
          // OpenLayers builds its WebGL buffers in a worker made from a blob.
          'worker-src': ['self', 'blob:'],
          'object-src': ['none'],
          'base-uri': ['none'],
        },
      },
    }),
  ],
  server: {
    proxy: {
      '/api': server,
      '/socket.io': { target: server, ws: true },
    },
  },
})
