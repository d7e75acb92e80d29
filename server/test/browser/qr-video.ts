import QRCode from 'qrcode'

const width = 1280
const height = 720

/** A still video (YUV4MPEG2, grey) of a QR code on a white label, as a camera at arm's length sees it. */
export function drawQrVideo(text: string): Buffer {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: 'Q' })
  const scale = Math.floor((height * 0.5) / modules.size)
  const left = Math.floor((width - modules.size * scale) / 2)
  const top = Math.floor((height - modules.size * scale) / 2)
  const luma = Buffer.alloc(width * height, 235)
  for (let row = 0; row < modules.size; row++) {
    for (let column = 0; column < modules.size; column++) {
      if (!modules.get(row, column)) continue
      for (let y = top + row * scale; y < top + (row + 1) * scale; y++) {
        const start = y * width + left + column * scale
        luma.fill(16, start, start + scale)
      }
    }
  }
  const chroma = Buffer.alloc(width * height * 0.5, 128)
  const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, chroma])
  return Buffer.concat([
    Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`),
    ...Array.from({ length: 3 }, () => frame),
  ])
}
