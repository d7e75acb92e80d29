import qrcode from 'qrcode'

export interface Label {
  /** The point's code, printed small for whoever puts the label up. Says nothing about place or times. */
  code: string
  url: string
  /** For typing in when a camera does not read it. */
  readable: string
}

/** Printed side of the QR code in millimetres: a phone reads 35 mm from half a metre in the dark. */
const sideMm = 38

/**
 * Labels to cut out: the QR code at error correction level Q (a scratched label still reads), the readable code beneath.
 * HTML is sheets of A4; SVG is a single label. No address and no times: a label tells a stranger nothing.
 */
export async function drawSheet(labels: readonly Label[], format: 'html' | 'svg'): Promise<string> {
  if (format === 'svg') {
    const [label] = labels
    if (label === undefined || labels.length > 1)
      throw new Error('SVG holds one label; print a station as HTML.')
    return drawLabel(label)
  }
  const figures = await Promise.all(labels.map(drawLabel))
  return `<!doctype html>
<html lang="zh-Hant-TW"><head><meta charset="utf-8"><title>巡邏箱標籤 — patrol point labels</title>
<style>
  @page { size: A4; margin: 10mm }
  body { margin: 0; display: flex; flex-wrap: wrap; gap: 4mm }
  svg { width: ${sideMm + 8}mm; height: ${sideMm + 18}mm; break-inside: avoid; outline: 0.2mm dashed #999 }
</style></head><body>
${figures.join('\n')}
</body></html>
`
}

/** Millimetres as user units: the drawing has its size wherever it is placed. */
async function drawLabel({ code, url, readable }: Label): Promise<string> {
  const { modules } = qrcode.create(url, { errorCorrectionLevel: 'Q' })
  const { size } = modules
  const cell = sideMm / size
  const rows = Array.from({ length: size }, (_, row) =>
    Array.from({ length: size }, (_, column) => (modules.get(row, column) === 0 ? ' ' : '#')).join(''),
  )
  // One stroke for each run of dark modules in a row.
  const dark = rows
    .flatMap((text, row) =>
      [...text.matchAll(/#+/g)].map(
        ({ 0: run, index }) => `M${index} ${row}h${run.length}v1h-${run.length}z`,
      ),
    )
    .join('')
  const [width, height] = [sideMm + 8, sideMm + 18]
  const text = (y: number, size: number, words: string) =>
    `<text x="${width / 2}" y="${y}" font-size="${size}" text-anchor="middle" font-family="monospace">${words}</text>`
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}mm" height="${height}mm" viewBox="0 0 ${width} ${height}">
<rect width="${width}" height="${height}" fill="#fff"/>
<g transform="translate(4 4) scale(${cell.toFixed(5)})"><path d="${dark}" fill="#000"/></g>
${text(sideMm + 9.5, 4.2, readable)}
${text(sideMm + 14.5, 3, code)}
</svg>`
}
