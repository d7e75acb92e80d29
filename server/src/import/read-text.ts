import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

/** So much is looked at to tell UTF-8 from Big5: enough to meet a Chinese character in any real file. */
const probeBytes = 64 * 1024

/** The text of a file in pieces: plain or gzip (told by its first bytes), UTF-8 with or without BOM, else Big5. */
export async function* readText(file: string): AsyncGenerator<string> {
  let decoder: InstanceType<typeof TextDecoder> | undefined
  let probe = Buffer.alloc(0)
  for await (const chunk of await openBytes(file)) {
    if (decoder !== undefined) {
      yield decoder.decode(chunk, { stream: true })
      continue
    }
    probe = Buffer.concat([probe, chunk])
    if (probe.length < probeBytes) continue
    decoder = new TextDecoder(encodingOf(probe))
    yield decoder.decode(probe, { stream: true })
  }
  if (decoder === undefined) yield new TextDecoder(encodingOf(probe)).decode(probe)
  else yield decoder.decode()
}

async function openBytes(file: string): Promise<AsyncIterable<Buffer>> {
  for await (const first of createReadStream(file, { end: 1 })) {
    if (Buffer.isBuffer(first) && first[0] === 0x1f && first[1] === 0x8b) {
      const raw = createReadStream(file)
      const plain = createGunzip()
      raw.on('error', (error) => plain.destroy(error))
      return asBuffers(raw.pipe(plain))
    }
  }
  return asBuffers(createReadStream(file))
}

/** A stream without an encoding gives Buffers; its type does not say so. */
async function* asBuffers(stream: Readable): AsyncGenerator<Buffer> {
  for await (const chunk of stream) if (Buffer.isBuffer(chunk)) yield chunk
}

function encodingOf(bytes: Buffer): 'utf-8' | 'big5' {
  try {
    // Streaming: a character cut at the end of the probe is no fault.
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return 'utf-8'
  } catch {
    return 'big5' // what older exports of Taiwanese bureaus are written in
  }
}
