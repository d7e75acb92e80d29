/** A row that cannot be taken, or that a person should look at. */
export interface RowFault {
  file: string
  line: number
  field: string
  reason: string
}

/** What became of every row. `usable + skipped + bad = read`. */
export interface ImportReport {
  read: number
  usable: number
  /** Left out on purpose, by reason. */
  skipped: Record<string, number>
  bad: RowFault[]
  /** Taken all the same. */
  warnings: RowFault[]
}

export const emptyReport = (): ImportReport => ({ read: 0, usable: 0, skipped: {}, bad: [], warnings: [] })

export function countSkipped(report: ImportReport, reason: string): void {
  report.skipped[reason] = (report.skipped[reason] ?? 0) + 1
}

/** Faults listed one by one on a screen; the machine form has them all. */
const shown = 20

/** The report for a person. */
export function formatReport(report: ImportReport): string {
  const skipped = Object.entries(report.skipped).map(([reason, count]) => `  left out: ${count} (${reason})`)
  return [
    `  rows read: ${report.read}`,
    `  usable: ${report.usable}`,
    ...skipped,
    ...listFaults('bad', report.bad),
    ...listFaults('to look at', report.warnings),
  ].join('\n')
}

function listFaults(title: string, faults: readonly RowFault[]): string[] {
  if (faults.length === 0) return title === 'bad' ? ['  bad: 0'] : []
  const lines = faults
    .slice(0, shown)
    .map(({ file, line, field, reason }) => `    ${file}:${line}  ${field}: ${reason}`)
  const rest =
    faults.length > shown ? [`    … and ${faults.length - shown} more (--json lists them all)`] : []
  return [`  ${title}: ${faults.length}`, ...lines, ...rest]
}
