import type OlMap from 'ol/Map.js'

const font = `15px 'Noto Sans TC Variable', 'Noto Sans TC', sans-serif`

/** The map as it stands, with a caption under it, as a PNG to take away. */
export function exportPng(map: OlMap, caption: readonly string[], name: string): void {
  map.once('rendercomplete', () => {
    const [width = 0, height = 0] = map.getSize() ?? []
    const lineHeight = 22
    const canvas = document.createElement('canvas')
    const ratio = window.devicePixelRatio
    const pen = canvas.getContext('2d')
    if (!pen) return
    pen.font = font
    const lines = caption.flatMap((line) => fold(line, width - 24, (part) => pen.measureText(part).width))
    canvas.width = width * ratio
    canvas.height = (height + lineHeight * lines.length + 16) * ratio
    pen.fillStyle = '#16181b'
    pen.fillRect(0, 0, canvas.width, canvas.height)
    for (const layer of map.getViewport()?.querySelectorAll<HTMLCanvasElement>('canvas') ?? []) {
      if (layer.width === 0) continue
      const matrix = /^matrix\(([^)]*)\)/.exec(layer.style.transform)?.[1]?.split(',').map(Number)
      const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = matrix ?? []
      pen.setTransform(a * ratio, b * ratio, c * ratio, d * ratio, e * ratio, f * ratio)
      pen.globalAlpha = Number(layer.style.opacity || 1)
      pen.drawImage(layer, 0, 0)
    }
    pen.globalAlpha = 1
    pen.setTransform(ratio, 0, 0, ratio, 0, 0)
    pen.fillStyle = '#cdd1d6'
    pen.font = font
    lines.forEach((line, at) => pen.fillText(line, 12, height + 8 + lineHeight * (at + 0.75)))
    canvas.toBlob((blob) => {
      if (blob === null) return
      const link = document.createElement('a')
      link.href = URL.createObjectURL(blob)
      link.download = name
      link.click()
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
    }, 'image/png')
  })
  map.render()
}

/** Parts of a text that are no wider than `width`: broken between words, and between Chinese characters. */
export function fold(text: string, width: number, measure: (part: string) => number): string[] {
  const lines: string[] = []
  let line = ''
  for (const piece of text.match(/[\u2e80-\uffef]|[^\s\u2e80-\uffef]+|\s+/g) ?? []) {
    if (line.trim() !== '' && measure(line + piece) > width) {
      lines.push(line.trim())
      line = ''
    }
    line += piece
  }
  return [...lines, line.trim()].filter((part) => part !== '')
}
