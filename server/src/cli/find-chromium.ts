import { existsSync, readFileSync } from 'node:fs'
import { findOnPath, installPackageWithApt } from '@patrol/db/services'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const MAC_APP = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'

/** The browser for the tests: CHROMIUM_PATH, or one that is installed. Undefined when there is none. */
export function findChromium(): string | undefined {
  const given = process.env['CHROMIUM_PATH']
  if (given) return given
  return (
    NAMES.map(findOnPath).find((file) => file !== undefined) ?? (existsSync(MAC_APP) ? MAC_APP : undefined)
  )
}

/** The same, after installing it where that is ours to do: as root on Debian. Ubuntu's package is only a link to a snap. */
export async function ensureChromium(): Promise<string | undefined> {
  const found = findChromium()
  if (found || !isDebian()) return found
  return (await installPackageWithApt('chromium', console.error)) ? findChromium() : undefined
}

function isDebian(): boolean {
  return existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'))
}
