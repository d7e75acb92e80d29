import wasmUrl from 'zxing-reader.wasm?url'

export type QrDetector = { detect(image: HTMLVideoElement): Promise<{ rawValue: string }[]> }

type DetectorClass = {
  new (options: { formats: ['qr_code'] }): QrDetector
  getSupportedFormats(): Promise<readonly string[]>
}

let loading: Promise<QrDetector> | undefined

/** The phone's own QR reader, else the one we bring as wasm. Loaded once; call early to have it warm. */
export function loadQrDetector(): Promise<QrDetector> {
  loading ??= chooseDetector().catch((error: unknown) => {
    loading = undefined
    throw error
  })
  return loading
}

async function chooseDetector(): Promise<QrDetector> {
  const native = nativeDetector()
  // Chrome has the class on every system, and readers only on some.
  if (native && (await native.getSupportedFormats()).includes('qr_code')) {
    return new native({ formats: ['qr_code'] })
  }
  const { BarcodeDetector, prepareZXingModule } = await import('barcode-detector/ponyfill')
  await prepareZXingModule({
    overrides: {
      locateFile: (path: string, prefix: string) => (path.endsWith('.wasm') ? wasmUrl : prefix + path),
    },
    fireImmediately: true,
  })
  return new BarcodeDetector({ formats: ['qr_code'] })
}

// TypeScript's DOM does not know BarcodeDetector yet.
function nativeDetector() {
  return (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector
}

/** Often enough to feel immediate, seldom enough to keep the phone cool. */
const LOOK_EVERY_MS = 100

/** Looks at the video until `onText` returns true (found) or the returned function is called. */
export function lookForQr(
  video: HTMLVideoElement,
  detector: QrDetector,
  onText: (text: string) => boolean,
  onFailure: (error: unknown) => void,
): () => void {
  let stopped = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const look = async () => {
    try {
      const ready = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && !video.paused
      const found = ready ? await detector.detect(video) : []
      for (const { rawValue } of found) if (!stopped && onText(rawValue)) stopped = true
    } catch (error) {
      stopped = true
      onFailure(error)
    }
    if (!stopped) timer = setTimeout(() => void look(), LOOK_EVERY_MS)
  }
  void look()
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
