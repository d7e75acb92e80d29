/**
 * Rows as CSV that spreadsheets open as what it is: UTF-8 with a BOM, CRLF, every text field quoted, and a leading
 * apostrophe before what a spreadsheet would run as a formula.
 */
export function writeCsv(
  header: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  return `\ufeff${[header, ...rows].map((row) => row.map(writeField).join(',')).join('\r\n')}\r\n`
}

function writeField(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return `"${safe.replaceAll('"', '""')}"`
}
