/** One read of a tag: the chip's number (hex, as the phone groups it), its address record, and whether nothing is written on it. */
export type TagRead = { uid: string; url: string | null; blank: boolean }

/** The phone's reader of tags; Web NFC is the only one so far. */
export type TagReader = {
  /** May it read without being asked again? Null where the officer has not been asked yet. */
  isAllowed(): Promise<boolean | null>
  /**
   * Reads until the signal aborts. Resolves when it has begun.
   * @throws a DOMException: `NotAllowedError`, or `NotSupportedError` where the phone's NFC is off
   */
  read(onTag: (tag: TagRead) => void, onUnreadable: () => void, signal: AbortSignal): Promise<void>
}

/** Null where the browser has none: everywhere but in Chrome on Android. */
export function findTagReader(): TagReader | null {
  const Reader = webNfc()
  if (!Reader) return null
  return {
    async isAllowed() {
      const { state } = await navigator.permissions.query(nfcPermission())
      return state === 'prompt' ? null : state === 'granted'
    },
    async read(onTag, onUnreadable, signal) {
      const reader = new Reader()
      reader.onreading = ({ serialNumber, message }) => onTag(readMessage(serialNumber, message.records))
      reader.onreadingerror = onUnreadable
      await reader.scan({ signal })
    },
  }
}

type NdefRecord = { recordType: string; data?: DataView | undefined }

/** `url` records hold the address as UTF-8 bytes. https://w3c.github.io/web-nfc/#the-ndefrecord-interface */
export function readMessage(uid: string, records: readonly NdefRecord[]): TagRead {
  const url = records.find(({ recordType }) => recordType === 'url')?.data
  const blank = records.every(({ recordType }) => recordType === 'empty')
  return { uid, url: url ? new TextDecoder().decode(url) : null, blank }
}

type NdefReader = {
  onreading: ((event: { serialNumber: string; message: { records: NdefRecord[] } }) => void) | null
  onreadingerror: (() => void) | null
  scan(options: { signal: AbortSignal }): Promise<void>
}

// TypeScript's DOM does not know Web NFC.
function webNfc() {
  return (globalThis as { NDEFReader?: new () => NdefReader }).NDEFReader
}

function nfcPermission() {
  return { name: 'nfc' } as unknown as PermissionDescriptor
}
