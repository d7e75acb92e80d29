import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import qrcode from 'qrcode'
import { generate } from 'selfsigned'

export interface LanSettings {
  /** Addresses of this machine on the local network, the likeliest first. */
  addresses: string[]
  certFile: string
  keyFile: string
}

/**
 * A certificate for the addresses of this machine, kept while they stay the same: a phone's camera, NFC and service
 * worker need HTTPS. Nobody signed it, so each phone asks once. Throws when the machine is on no network.
 */
export async function prepareLan(dataDir: string): Promise<LanSettings> {
  const addresses = localAddresses()
  if (addresses.length === 0) throw new Error('--lan: this machine has no address on a local network.')
  const certFile = join(dataDir, 'lan-cert.pem')
  const keyFile = join(dataDir, 'lan-key.pem')
  const forFile = join(dataDir, 'lan-addresses.json')
  const settings = { addresses, certFile, keyFile }
  if (
    existsSync(keyFile) &&
    existsSync(forFile) &&
    readFileSync(forFile, 'utf8') === JSON.stringify(addresses)
  ) {
    return settings
  }
  const pems = await generate([{ name: 'commonName', value: 'Tainan Patrol demonstration' }], {
    keyType: 'ec',
    notAfterDate: new Date(Date.now() + 365 * 86_400_000),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          ...['127.0.0.1', ...addresses].map((ip) => ({ type: 7 as const, ip })),
        ],
      },
    ],
  })
  writeFileSync(certFile, pems.cert)
  writeFileSync(keyFile, pems.private, { mode: 0o600 })
  writeFileSync(forFile, JSON.stringify(addresses))
  return settings
}

function localAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter((each) => each.family === 'IPv4' && !each.internal)
    .map((each) => each.address)
}

/** A QR code for the terminal. */
export const terminalQr = (url: string): Promise<string> =>
  qrcode.toString(url, { type: 'terminal', small: true, errorCorrectionLevel: 'L' })
