import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runConformance } from './conformance.ts'

const folder = mkdtempSync(join(tmpdir(), 'conformance-'))
afterAll(() => rmSync(folder, { recursive: true }))

function writeCases(name: string, content: unknown): string {
  const file = join(folder, name)
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

async function run(...args: string[]) {
  const out: string[] = []
  const err: string[] = []
  const code = await runConformance(args, { out: (line) => out.push(line), err: (text) => err.push(text) })
  return { code, out, err: err.join(''), lines: () => out.map((line): unknown => JSON.parse(line)) }
}

// A tag made up with the command line of OpenSSL 3, as in sun.test.ts.
const KEYS = {
  sdm_meta_read_key: 'A0B1C2D3E4F5061728394A5B6C7D8E9F',
  sdm_file_read_key: '0F1E2D3C4B5A69788796A5B4C3D2E1F0',
}
const TAP = { picc_data: '61629476936690EF9AB5C1E94DE436BE', cmac: 'B9164E13C5851522' }
const TAP_EXPECTED = { valid: true, uid: '0477A1B2C3D4E5', read_ctr: 298 }

describe('conformance --sun', () => {
  const sunCase = (id: string, input: object, expected?: object) => ({
    id,
    kind: 'sun_encrypted',
    input: { ...KEYS, ...input },
    ...(expected && { expected }),
  })

  it('answers each case in the shape of what is expected', async () => {
    const file = writeCases('sun.json', {
      vectors: [
        sunCase('right', TAP, TAP_EXPECTED),
        sunCase('wrong', { ...TAP, cmac: '00'.repeat(8) }, { valid: false, reason: 'mac_mismatch' }),
        {
          ...sunCase('torn', { ...TAP, cmac: 7 }, { valid: false, must_not_throw: true }),
          kind: 'malformed',
        },
        sunCase('key', { ...TAP, sdm_file_read_key: 'short' }, { valid: false, reason: 'malformed' }),
        sunCase('open', TAP),
        {
          id: 'taps',
          kind: 'sequence',
          keys: KEYS,
          taps: [
            { ...TAP, expect: 'authentic', read_ctr: 298 },
            { ...TAP, cmac: '00'.repeat(8), expect: 'mac_mismatch' },
            { ...TAP, expect: 'counter_reused' },
          ],
        },
      ],
    })
    const { code, lines } = await run('--sun', file, '--json')
    expect(code).toBe(0)
    expect(lines()).toMatchObject([
      {
        id: 'right',
        got: { ...TAP_EXPECTED, session_mac_key: '4381E5473BA01CEF064E5AE8176F4A3E' },
        pass: true,
      },
      { id: 'wrong', got: { valid: false, reason: 'mac_mismatch' }, pass: true },
      { id: 'torn', got: { valid: false, reason: 'malformed', must_not_throw: true }, pass: true },
      { id: 'key', pass: true },
      { id: 'open', got: TAP_EXPECTED, pass: null },
      {
        id: 'taps',
        got: {
          taps: [
            { expect: 'authentic', read_ctr: 298 },
            { expect: 'mac_mismatch' },
            { expect: 'counter_reused', read_ctr: 298 },
          ],
        },
        pass: true,
      },
      { passed: 5, failed: 0 },
    ])
  })

  it('shows no key of a session whose tap is wrong', async () => {
    const file = writeCases('wrong.json', { vectors: [sunCase('wrong', { ...TAP, cmac: '00'.repeat(8) })] })
    expect((await run('--sun', file)).lines()[0]).toEqual({
      id: 'wrong',
      got: { valid: false, reason: 'mac_mismatch' },
      pass: null,
    })
  })

  it('fails a case whose expectation is not met, and says so by the exit code', async () => {
    const file = writeCases('unmet.json', {
      vectors: [sunCase('unmet', TAP, { ...TAP_EXPECTED, read_ctr: 299 })],
    })
    const { code, lines } = await run('--sun', file)
    expect(code).toBe(1)
    expect(lines()).toMatchObject([
      { id: 'unmet', pass: false },
      { passed: 0, failed: 1 },
    ])
  })
})

describe('conformance --h3', () => {
  it('finds the cell of a point beyond 180°, and fails the cell of another', async () => {
    mkdirSync(join(folder, 'h3'))
    // The first line is the north of Taiwan told in another turn of the globe; the second names its neighbour.
    writeCases('h3/pairs.txt', '884ba0a4e3fffff 25.035 481.565\n884ba0a4e1fffff 25.035 121.565\n')
    const { code, lines } = await run('--h3', join(folder, 'h3'))
    expect(lines()).toEqual([
      { id: 'pairs:884ba0a4e3fffff', got: { cell: '884ba0a4e3fffff' }, pass: true },
      { id: 'pairs:884ba0a4e1fffff', got: { cell: '884ba0a4e3fffff' }, pass: false },
      { passed: 1, failed: 1 },
    ])
    expect(code).toBe(1)
  })
})

describe('conformance, called wrongly', () => {
  it.each([
    ['nothing to check', []],
    ['an unknown option', ['--sum', 'x.json']],
    ['no file', ['--sun']],
    ['a file that is not there', ['--sun', 'no-such-file.json']],
    ['a folder without cases', ['--h3', import.meta.dirname]],
  ])('ends with 2 and only an error line: %s', async (_, args) => {
    const { code, out, err } = await run(...args)
    expect(code).toBe(2)
    expect(out).toEqual([])
    expect(err).toMatch(/^error: /)
  })

  it('ends with 2 for a file of another format', async () => {
    expect(await run('--sun', writeCases('other.json', { cases: [] }))).toMatchObject({ code: 2, out: [] })
    expect(await run('--sun', writeCases('torn.json', '{'))).toMatchObject({ code: 2, out: [] })
  })

  it('explains itself', async () => {
    const { code, out } = await run('--help')
    expect(code).toBe(0)
    expect(out.join('\n')).toContain('--sun <file>')
  })
})

describe('the vectors beside the project', () => {
  const shared = resolve(import.meta.dirname, '../../../../shared')
  const published = [
    ['--sun', join(shared, 'vectors/ntag424-sun.json')],
    ['--h3', join(shared, 'bench/h3')],
  ] as const
  for (const [option, path] of published) {
    const isThere = existsSync(path)
    if (!isThere) console.log(`skipped: ${option}, no ../shared beside the project`)
    it.skipIf(!isThere)(`all pass: ${option}`, async () => {
      const { code, lines } = await run(option, path)
      expect(lines().at(-1)).toMatchObject({ failed: 0 })
      expect(lines().length).toBeGreaterThan(20)
      expect(code).toBe(0)
    })
  }
})
