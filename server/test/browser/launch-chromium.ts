import { chromium, type Browser, type LaunchOptions } from 'playwright-core'
import { findChromium } from '../../src/cli/find-chromium.ts'

/** Whether this machine has a browser; `npm test` installs one where it may, and says plainly where it may not. */
export const hasChromium = findChromium() !== undefined

/** A headless browser. `args` adds to those that every test needs. */
export function launchChromium({ args = [], ...options }: LaunchOptions = {}): Promise<Browser> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error('There is no Chromium; name one in CHROMIUM_PATH.')
  return chromium.launch({
    ...options,
    executablePath,
    args: [
      // Chromium has no sandbox for root, which tests in containers are.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      // WebGL without a graphics card.
      '--use-gl=angle',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
      ...args,
    ],
  })
}
