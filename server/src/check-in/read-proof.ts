import type { CheckIn } from '@patrol/contract'
import { readBeacon } from './beacon.ts'
import { isRotating, verifyRotatingCode } from './proof/rotating-code.ts'
import { parseTypedCode, verifyQr } from './proof/signed-qr.ts'
import type { SunKeys } from './proof/sun.ts'
import { codeOfUrl, sunKeysOf, verifySunUrl } from './proof/sun-url.ts'
import { normaliseUid } from './proof/tag-uid.ts'
import type { ProofFinding } from './scan-facts.ts'

/** What recording needs besides the database. */
export interface CheckInKeys {
  tagKeys: ReadonlyMap<number, Buffer>
  serverKey: Buffer
  /** Null where no secure tags are in use: then every tap of one is of an unknown tag. */
  nfcMasterKey: Buffer | null
}

export interface ReadProof {
  proof: ProofFinding
  /** By which the tag is found in the register. */
  opaqueId: bigint | null
  uid: string | null
  keyVersion: number | null
  readCounter: number | null
  /** The time step that a rotating code was shown in. */
  shownStep: number | null
  beaconMs: number | null
}

type TagFinding = Omit<ReadProof, 'beaconMs'>

const nothing = { opaqueId: null, uid: null, keyVersion: null, readCounter: null, shownStep: null }

/** Everything that cryptography says of a check-in without asking the database. Never throws. */
export function readProof({ proof, clock }: CheckIn, keys: CheckInKeys): ReadProof {
  const beaconMs = clock.beacon === null ? null : readBeacon(clock.beacon.token, keys.serverKey)
  return { ...readTag(proof, keys), beaconMs }
}

function readTag(proof: CheckIn['proof'], keys: CheckInKeys): TagFinding {
  switch (proof.kind) {
    case 'qr':
      return isRotating(proof.code) ? readRotating(proof.code, keys) : readCode(proof.code, keys)
    case 'typed': {
      const opaqueId = parseTypedCode(proof.code)
      return { ...nothing, proof: opaqueId === null ? 'malformed-proof' : 'typed-code', opaqueId }
    }
    case 'sun':
      return readSun(proof.url, keys)
    case 'uid':
      return readUid(proof, keys)
  }
}

function readCode(code: string, keys: CheckInKeys): TagFinding {
  const result = verifyQr(code, keys.tagKeys)
  return result.kind === 'proof-qr'
    ? { ...nothing, proof: 'proof-qr', opaqueId: result.opaqueId, keyVersion: result.keyVersion }
    : { ...nothing, proof: result.kind }
}

function readRotating(code: string, { tagKeys }: CheckInKeys): TagFinding {
  const result = verifyRotatingCode(code, tagKeys)
  if (result.kind !== 'proof-rotating') return { ...nothing, proof: result.kind }
  const { kind, opaqueId, keyVersion, step } = result
  return { ...nothing, proof: kind, opaqueId, keyVersion, shownStep: step }
}

function readSun(url: string, { nfcMasterKey }: CheckInKeys): TagFinding {
  if (nfcMasterKey === null) return { ...nothing, proof: 'tag-unknown' }
  const verdict = verifySunUrl(url, openSunKeys(nfcMasterKey))
  if (!verdict.valid) return { ...nothing, proof: verdict.reason }
  // Without a counter a tap could be sent again for ever. We program none so.
  if (verdict.readCtr === null) return { ...nothing, proof: 'malformed-proof' }
  return { ...nothing, proof: 'proof-sun', uid: verdict.uid, readCounter: verdict.readCtr }
}

/** A plain tag is found by its number; where it also told its URL, both must be of the same tag. */
function readUid(
  { uid: text, ndefUrl }: Extract<CheckIn['proof'], { kind: 'uid' }>,
  keys: CheckInKeys,
): TagFinding {
  const uid = normaliseUid(text)
  if (uid === null) return { ...nothing, proof: 'malformed-proof' }
  if (ndefUrl === undefined) return { ...nothing, proof: 'uid-only', uid }
  const code = readCode(codeOfUrl(ndefUrl) ?? '', keys)
  return code.proof === 'proof-qr' ? { ...code, proof: 'uid-only', uid } : code
}

const opened = new WeakMap<Buffer, SunKeys>()

function openSunKeys(masterKey: Buffer): SunKeys {
  const known = opened.get(masterKey)
  if (known !== undefined) return known
  const keys = sunKeysOf(masterKey)
  opened.set(masterKey, keys)
  return keys
}
