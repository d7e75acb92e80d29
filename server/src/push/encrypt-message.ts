import { createCipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto'

/** A browser's keys: its P-256 point (65 bytes) and its secret (16 bytes). */
export interface PushKeys {
  publicKey: Buffer
  authSecret: Buffer
}

/** One record is enough for a hint. */
const recordSize = 4_096

/**
 * Encrypts a message for one browser, so that its push service reads nothing (RFC 8291 on aes128gcm of RFC 8188).
 * @param fixed salt and private key of the sender; only for the RFC's own example
 */
export function encryptMessage(
  { publicKey, authSecret }: PushKeys,
  message: Buffer,
  fixed: { salt?: Buffer; privateKey?: Buffer } = {},
): Buffer {
  const sender = createECDH('prime256v1')
  if (fixed.privateKey === undefined) sender.generateKeys()
  else sender.setPrivateKey(fixed.privateKey)
  const ours = sender.getPublicKey()
  const salt = fixed.salt ?? randomBytes(16)
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), publicKey, ours])
  const secret = Buffer.from(hkdfSync('sha256', sender.computeSecret(publicKey), authSecret, info, 32))
  const derive = (label: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', secret, salt, `Content-Encoding: ${label}\0`, bytes))
  const cipher = createCipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12))
  // 2 ends the last record.
  const text = Buffer.concat([cipher.update(message), cipher.update(Buffer.of(2)), cipher.final()])
  const header = Buffer.alloc(5)
  header.writeUInt32BE(recordSize)
  header.writeUInt8(ours.length, 4)
  return Buffer.concat([salt, header, ours, text, cipher.getAuthTag()])
}
