import { computeCmac } from '../../check-in/proof/cmac.ts'
import { judgeSunCounter, type TagTap } from '../../check-in/proof/sun-counter.ts'
import {
  computeSunMac,
  formatHex,
  openPiccData,
  readHex,
  verifyEncryptedSun,
  verifyPlainSun,
  type SunVerdict,
} from '../../check-in/proof/sun.ts'
import { isCaseRecord, readCaseFile, recordOf, type CaseRecord, type CaseResult } from './cases.ts'

// The files spell our codes with underscores and say "malformed" for "malformed-proof".
const MALFORMED = { valid: false, reason: 'malformed' }
const REASON_WORDS = { 'malformed-proof': 'malformed', 'mac-mismatch': 'mac_mismatch' } as const

/** Runs every vector of a secure-tag file through the code that judges check-ins. */
export function* runSunCases(file: string): Generator<CaseResult> {
  for (const vector of readCaseFile(file, 'vectors').cases) {
    const id = String(vector.id)
    if (vector.kind === 'sequence') {
      const got = judgeSequence(vector)
      yield { id, got, pass: compareSequence(vector, got) }
    } else {
      const got = answerVector(vector)
      yield { id, got, pass: compareListed(vector.expected, got) }
    }
  }
}

function answerVector(vector: CaseRecord): CaseRecord {
  const input = recordOf(vector.input)
  if (vector.kind === 'aes_cmac') return answerCmac(input)
  const got = answerTap(input)
  // Still here, so nothing was thrown.
  return vector.kind === 'malformed' ? { ...got, must_not_throw: true } : got
}

function answerCmac(input: CaseRecord): CaseRecord {
  const key = readHex(input.key, 16)
  const message = typeof input.message === 'string' ? readHex(input.message, input.message.length / 2) : null
  return key && message ? { cmac: formatHex(computeCmac(key, message)) } : MALFORMED
}

/** The verdict in the shape of `expected`, with the steps to it when the tap is right. */
function answerTap(input: CaseRecord): CaseRecord {
  const { verdict, steps } = 'picc_data' in input ? answerEncrypted(input) : answerPlain(input)
  if (!verdict.valid) return { valid: false, reason: REASON_WORDS[verdict.reason] }
  const fileData = verdict.fileData ? { file_data_hex: formatHex(verdict.fileData) } : {}
  return { valid: true, uid: verdict.uid, read_ctr: verdict.readCtr, ...steps(), ...fileData }
}

interface TapAnswer {
  verdict: SunVerdict
  /** Only asked for a valid tap: the steps contain the session's key. */
  steps: () => CaseRecord
}

const MALFORMED_TAP: TapAnswer = {
  verdict: { valid: false, reason: 'malformed-proof' },
  steps: () => ({}),
}

function answerEncrypted(input: CaseRecord): TapAnswer {
  const metaReadKey = readHex(input.sdm_meta_read_key, 16)
  const fileReadKey = readHex(input.sdm_file_read_key, 16)
  if (!metaReadKey || !fileReadKey) return MALFORMED_TAP
  const { picc_data: piccData, cmac, mac_input_ascii: macInput, enc_file_data: encFileData } = input
  const message = { piccData, cmac, macInput, encFileData }
  return {
    verdict: verifyEncryptedSun(message, { metaReadKey, fileReadKey: () => fileReadKey }),
    steps: () => {
      const ciphertext = readHex(piccData, 16)
      const picc = ciphertext && openPiccData(ciphertext, metaReadKey)
      if (!picc) return {}
      const plaintext = { picc_plaintext: formatHex(picc.plaintext) }
      return { ...plaintext, ...traceMac(fileReadKey, picc.uid, picc.counter, macInput) }
    },
  }
}

function answerPlain(input: CaseRecord): TapAnswer {
  const fileReadKey = readHex(input.sdm_file_read_key, 16)
  if (!fileReadKey) return MALFORMED_TAP
  const { uid, ctr_ascii_msb_first: readCtr, cmac, mac_input_ascii: macInput } = input
  return {
    verdict: verifyPlainSun({ uid, readCtr, cmac, macInput }, () => fileReadKey),
    steps: () => {
      const uidBytes = readHex(uid, 7)
      return uidBytes ? traceMac(fileReadKey, uidBytes, readHex(readCtr, 3)?.reverse() ?? null, macInput) : {}
    },
  }
}

function traceMac(key: Buffer, uid: Buffer, counter: Buffer | null, macInput: unknown): CaseRecord {
  const input = Buffer.from(typeof macInput === 'string' ? macInput : '', 'ascii')
  const { sv2, sessionMacKey, fullCmac } = computeSunMac(key, uid, counter, input)
  return {
    sv2: formatHex(sv2),
    session_mac_key: formatHex(sessionMacKey),
    full_cmac: formatHex(fullCmac),
  }
}

/** Taps in the file's order, each against what the taps before it left behind. */
function judgeSequence(vector: CaseRecord): { taps: CaseRecord[] } {
  const storedByUid = new Map<unknown, TagTap[]>()
  const taps = listTaps(vector).map((tap, i): CaseRecord => {
    const answer = answerTap({ ...recordOf(vector.keys), ...tap })
    if (answer.valid !== true) return { expect: answer.reason }
    if (typeof answer.read_ctr !== 'number') return { expect: 'authentic', read_ctr: null }

    const stored = storedByUid.get(answer.uid) ?? []
    const taken = { checkInId: String(i), counter: answer.read_ctr, claimedAt: null, timeTrusted: true }
    const [reason] = judgeSunCounter(taken, stored).reasons
    if (reason !== 'counter-reused') storedByUid.set(answer.uid, [...stored, taken])
    return { expect: reason?.replaceAll('-', '_') ?? 'authentic', read_ctr: answer.read_ctr }
  })
  return { taps }
}

function listTaps(vector: CaseRecord): CaseRecord[] {
  return Array.isArray(vector.taps) ? vector.taps.filter(isCaseRecord) : []
}

function compareSequence(vector: CaseRecord, got: { taps: CaseRecord[] }): boolean | null {
  const taps = listTaps(vector)
  if (!taps.some((tap) => 'expect' in tap)) return null
  return taps.every((tap, i) =>
    ['expect', 'read_ctr'].every((key) => !(key in tap) || got.taps[i]?.[key] === tap[key]),
  )
}

/** True when every listed key has the listed value; more keys are free. */
function compareListed(expected: unknown, got: CaseRecord): boolean | null {
  if (!isCaseRecord(expected)) return null
  return Object.entries(expected).every(([key, value]) =>
    key === 'must_not_throw' ? value === true : got[key] === value,
  )
}
