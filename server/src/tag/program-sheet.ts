import type { ProgramSheet } from '@patrol/contract'

// NFC Forum Type 4 Tag and NDEF URI record: NLEN (2 bytes), then D1 01 <payload length> 55 <prefix>, then the rest of the URL.
const NLEN_BYTES = 2
const RECORD_HEAD_BYTES = 5
const PREFIXES = { 'https://': 0x04, 'http://': 0x03 }
const PICC_DATA_CHARS = 32
const MAC_CHARS = 16

/** PICC data (UID and counter, encrypted) and MAC, as `check-in/proof/sun-url.ts` reads them. */
const mirrored = `?p=${'0'.repeat(PICC_DATA_CHARS)}&m=${'0'.repeat(MAC_CHARS)}`

/**
 * What the writer's program puts on a chip: the URL of the tag's code at this origin and, for a secure tag, where in the file
 * the chip mirrors its proof. The MAC covers everything from the code on.
 * @throws RangeError when the record is too long for the short form, 255 bytes of payload
 */
export function makeProgramSheet(publicOrigin: string, code: string, secure: boolean): ProgramSheet {
  const url = `${publicOrigin}/c/${code}${secure ? mirrored : ''}`
  const scheme = url.startsWith('https://') ? 'https://' : 'http://'
  const rest = Buffer.from(url.slice(scheme.length), 'ascii')
  if (rest.length + 1 > 255) throw new RangeError('The URL is too long for a tag.')
  const record = Buffer.concat([Buffer.of(0xd1, 0x01, rest.length + 1, 0x55, PREFIXES[scheme]), rest])
  const length = Buffer.alloc(NLEN_BYTES)
  length.writeUInt16BE(record.length)
  const offsetOf = (index: number) => NLEN_BYTES + RECORD_HEAD_BYTES + index - scheme.length
  const mirror = {
    piccDataOffset: offsetOf(url.indexOf('?p=') + 3),
    macInputOffset: offsetOf(url.indexOf('/c/') + 3),
    macOffset: offsetOf(url.indexOf('&m=') + 3),
  }
  return {
    url,
    ndefFile: Buffer.concat([length, record]).toString('hex').toUpperCase(),
    mirror: secure ? { ...mirror, fileSettings: writeFileSettings(mirror) } : null,
  }
}

/**
 * FileOption 40: SDM on, communication plain. AccessRights E000: read free; write, read-write and change with key 0.
 * SDMOptions C1: mirror UID and counter, ASCII. SDMAccessRights 12FF: PICC data under key 1, MAC under key 2, and nobody
 * reads the counter. Numbers go least significant byte first.
 */
function writeFileSettings(offsets: {
  piccDataOffset: number
  macInputOffset: number
  macOffset: number
}): string {
  const threeBytes = (offset: number) => {
    const bytes = Buffer.alloc(3)
    bytes.writeUIntLE(offset, 0, 3)
    return bytes
  }
  return Buffer.concat([
    Buffer.from('4000E0C1FF12', 'hex'),
    threeBytes(offsets.piccDataOffset),
    threeBytes(offsets.macInputOffset),
    threeBytes(offsets.macOffset),
  ])
    .toString('hex')
    .toUpperCase()
}
