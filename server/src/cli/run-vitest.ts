import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProcess } from './run-process.ts'

export interface TestCounts {
  passed: number
  failed: number
  skipped: number
}

/** Runs vitest with its usual report on standard error and resolves with its counts. */
export async function runVitest(root: string, args: string[], env: NodeJS.ProcessEnv): Promise<TestCounts> {
  const folder = mkdtempSync(join(tmpdir(), 'patrol-test-'))
  const report = join(folder, 'report.json')
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  try {
    const { code } = await runProcess(process.execPath, [vitest, 'run', ...reporters, ...args], {
      cwd: root,
      env,
    })
    const counts = countResults(readReport(report))
    // An unhandled error fails the run though every test passed; without a report vitest itself did not start.
    if (code !== 0 && counts.failed === 0) counts.failed = 1
    return counts
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface Report {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: { status: string; assertionResults: { status: string }[] }[]
}

/** The one cast: written by vitest's own reporter, read at once. */
function readReport(file: string): Report {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report
  } catch {
    // Vitest stopped before its report; its exit code makes this a failure.
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] }
  }
}

function countResults(report: Report): TestCounts {
  // A file that cannot be loaded, or whose set-up throws, fails without a failed test.
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((result) => result.status === 'failed'),
  ).length
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}
